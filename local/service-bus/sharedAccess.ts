import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Access, covers, type Principal, pathOf, type Refusal, type Right } from './access.ts'

export interface SharedAccessKey {
  readonly name: string
  readonly key: string
  /** Default: all. */
  readonly rights?: readonly Right[] | undefined
}

const allRights: readonly Right[] = ['Listen', 'Manage', 'Send']
const scheme = 'SharedAccessSignature '

/** Takes shared access signatures that were made with one of these keys. */
export function sharedAccess(keys: readonly SharedAccessKey[]): Access {
  return { authorize: (token, now) => checkSignature(token, keys, now), allows: covers }
}

/** A signature of the key's holder for the whole namespace, good until a moment in milliseconds. */
export function signatureFor({ name, key }: SharedAccessKey, expires: number): string {
  const expiry = String(Math.floor(expires / 1000))
  const sig = encodeURIComponent(sign('', expiry, key).toString('base64'))
  return `${scheme}sr=&sig=${sig}&se=${expiry}&skn=${encodeURIComponent(name)}`
}

/**
 * Checks a token of the form `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: HMAC-SHA256 of the resource and the expiry
 * with the shared access key.
 */
function checkSignature(token: string, keys: readonly SharedAccessKey[], now: number): Principal | Refusal {
  if (!token.startsWith(scheme)) return { refused: 'The token is not a shared access signature.' }
  // Not URLSearchParams: some clients leave the `+` of base64 as it is.
  const parts = new Map<string, string>()
  for (const part of token.slice(scheme.length).split('&')) {
    const at = part.indexOf('=')
    if (at > 0) parts.set(part.slice(0, at), part.slice(at + 1))
  }
  const resource = parts.get('sr') ?? ''
  const expiry = parts.get('se') ?? ''
  const expires = Number(expiry) * 1000
  const name = decode(parts.get('skn') ?? '')
  const known = keys.find((key) => key.name === name)
  if (known === undefined) return { refused: `InvalidSignature: There is no key named '${name}'.` }
  const given = Buffer.from(decode(parts.get('sig') ?? ''), 'base64')
  const expected = sign(resource, expiry, known.key)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { refused: 'InvalidSignature: The token has an invalid signature.' }
  }
  if (!(expires > now)) return { refused: 'ExpiredToken: The token is expired.' }
  // The URL in a token has a path as URLs have: a rule's name may have spaces.
  return { name, expires, scope: pathOf(decode(decode(resource))), rights: known.rights ?? allRights }
}

function sign(resource: string, expiry: string, key: string): Buffer {
  return createHmac('sha256', key).update(`${resource}\n${expiry}`).digest()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
