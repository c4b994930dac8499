import { createHmac, timingSafeEqual } from 'node:crypto'

export interface SharedAccessKey {
  readonly name: string
  readonly key: string
}

/** What a shared access signature says, once it has been checked. */
export interface Claim {
  /** The path of the resource, without slashes at its ends; empty for the whole namespace. */
  readonly path: string
  /** Milliseconds since the epoch. */
  readonly expires: number
}

/**
 * Checks a token of the form `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: HMAC-SHA256 of the resource and the expiry
 * with the shared access key. Returns undefined when it proves nothing.
 */
export function checkSignature(
  token: string,
  { name, key }: SharedAccessKey,
  now: number,
): Claim | undefined {
  const scheme = 'SharedAccessSignature '
  if (!token.startsWith(scheme)) return undefined
  // Not URLSearchParams: some clients leave the `+` of base64 as it is.
  const parts = new Map<string, string>()
  for (const part of token.slice(scheme.length).split('&')) {
    const at = part.indexOf('=')
    if (at > 0) parts.set(part.slice(0, at), part.slice(at + 1))
  }
  const resource = parts.get('sr') ?? ''
  const expiry = parts.get('se') ?? ''
  const expires = Number(expiry) * 1000
  if (decode(parts.get('skn') ?? '') !== name || !(expires > now)) return undefined
  const expected = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest()
  const given = Buffer.from(decode(parts.get('sig') ?? ''), 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  return { path: pathOf(decode(resource)), expires }
}

/** The claims that one connection has proved. */
export class Claims {
  readonly #key: SharedAccessKey
  readonly #expiry = new Map<string, number>()

  constructor(key: SharedAccessKey) {
    this.#key = key
  }

  /** Takes a token in; false when it proves nothing. */
  add(token: string, now: number): boolean {
    const claim = checkSignature(token, this.#key, now)
    if (claim === undefined) return false
    for (const [path, expires] of this.#expiry) if (expires <= now) this.#expiry.delete(path)
    this.#expiry.set(claim.path, claim.expires)
    return true
  }

  /** Whether a claim covers the address: its own path or one above it. */
  cover(address: string, now: number): boolean {
    const path = pathOf(address)
    for (const [claimed, expires] of this.#expiry) {
      if (expires > now && covers(claimed, path)) return true
    }
    return false
  }
}

/** Whether a claim for one path holds for another: the same, or one below it. */
export function covers(claimed: string, path: string): boolean {
  return claimed === '' || path === claimed || path.startsWith(`${claimed}/`)
}

export function pathOf(resource: string): string {
  return resource
    .replace(/^[a-z]+:\/\/[^/?]*/i, '')
    .replace(/\?.*$/s, '')
    .replace(/^\/+|\/+$/g, '')
    .toLowerCase()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
