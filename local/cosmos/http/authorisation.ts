import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Access, Principal, Scope } from '../access/access.ts'
import { CosmosError } from '../errors.ts'
import type { Request } from './message.ts'
import { type Names, needsOf } from './needs.ts'

export interface AuthorisationOptions {
  /** The master key, in base64. */
  readonly key: string
  readonly names: Names
  /** Decides about Microsoft Entra tokens. Without one, none is taken. */
  readonly access?: Access | undefined
  /** The master key is not taken, as in an account with `disableLocalAuth`. */
  readonly disableLocalAuth?: boolean | undefined
}

/** How far a client's clock may be off, in milliseconds. */
const clockTolerance = 15 * 60 * 1000

/** Tokens whose signature need not be checked again; the oldest are forgotten. */
const keptTokens = 1000

/** Checks who asks. @throws 401 or 403 */
export class Authorisation {
  readonly #key: KeyObject
  readonly #names: Names
  readonly #access: Access | undefined
  readonly #isLocalAuthDisabled: boolean
  readonly #principals = new Map<string, Principal>()

  constructor({ key, names, access, disableLocalAuth = false }: AuthorisationOptions) {
    this.#key = createSecretKey(key, 'base64')
    this.#names = names
    this.#access = access
    this.#isLocalAuthDisabled = disableLocalAuth
  }

  /** Answers a promise only where a token has to be looked at: a signature is checked at once. */
  check(request: Request, now: number): void | Promise<void> {
    const fields = readFields(request.headers.authorization)
    const type = fields.get('type')
    if (type === 'master') return this.#checkSignature(request, fields.get('sig') ?? '', now)
    if (type === 'aad') return this.#checkToken(request, fields.get('sig') ?? '', now)
    throw unauthorized(
      'Required Header authorization is missing, or it is neither a signature by the master key nor a Microsoft Entra token.',
      request.headers.authorization === undefined ? 5000 : 5001,
    )
  }

  #checkSignature(request: Request, signature: string, now: number): void {
    if (this.#isLocalAuthDisabled)
      throw unauthorized('Local Authorization is disabled. Use an AAD token to authorize all requests.', 5202)
    const date = request.headers['x-ms-date'] ?? request.headers.date ?? ''
    const given = Buffer.from(signature.replaceAll(' ', '+'))
    const { type, path } = addressOf(request.segments)
    const fits = (link: string) => {
      const text = `${request.method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`
      const expected = Buffer.from(createHmac('sha256', this.#key).update(text).digest('base64'))
      return given.length === expected.length && timingSafeEqual(given, expected)
    }
    // Some sign what is encoded, and a link by resource ids is signed in lower case, and by its last id alone.
    const link = path.join('/')
    if (
      !fits(link) &&
      !fits(path.map(encodeURIComponent).join('/')) &&
      !fits((path.at(-1) ?? '').toLowerCase())
    )
      throw unauthorized(
        `The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol: ${request.method.toLowerCase()}, ${type}, ${link}, ${date}`,
      )
    const time = Date.parse(date)
    if (!(Math.abs(time - now) <= clockTolerance))
      throw new CosmosError(
        403,
        `The authorization token is not valid at the current time. Its date is ${date}; the time here is ${new Date(now).toUTCString()}.`,
      )
  }

  async #checkToken(request: Request, token: string, now: number): Promise<void> {
    const access = this.#access
    if (!access) throw blocked(401, 'Microsoft Entra tokens are not taken here', 5002)
    const principal = await this.#principalOf(access, token, now)
    const need = needsOf(request, this.#names)
    if (!need) {
      const asked = `${request.method} /${request.segments.join('/')}`
      throw blocked(403, `The given request [${asked}] cannot be authorized by AAD token in data plane`, 5300)
    }
    const missing = need.actions.find((action) => !access.allows(principal, action, need.scope))
    if (missing !== undefined) throw missingRight(principal, missing, need.scope)
  }

  async #principalOf(access: Access, token: string, now: number): Promise<Principal> {
    const kept = this.#principals.get(token)
    if (kept && kept.expires > now) return kept
    this.#principals.delete(token)
    const result = await access.authorize(token, now)
    if ('refused' in result) throw unauthorized(`${blockedBy}${result.refused}`, result.substatus)
    if (this.#principals.size >= keptTokens)
      this.#principals.delete(this.#principals.keys().next().value as string)
    this.#principals.set(token, result)
    return result
  }
}

const unauthorized = (message: string, substatus?: number) =>
  new CosmosError(401, message, { charge: 0, ...(substatus !== undefined && { substatus }) })

/** The account's name stands there in Azure. */
const blockedBy = 'Request blocked by Auth local : '

const blocked = (status: number, message: string, substatus: number) =>
  new CosmosError(status, `${blockedBy}${message}. Learn more: https://aka.ms/cosmos-native-rbac.`, {
    charge: 0,
    substatus,
  })

/** The words and the substatus as users of the service report them (azure-cosmos-dotnet-v3 #3110, and others). */
function missingRight({ name }: Principal, action: string, scope: Scope): CosmosError {
  const isMetadata = action.endsWith('/readMetadata')
  const [what, where] =
    scope === undefined
      ? ['Request for Read DatabaseAccount', 'any scope']
      : ['Request', `resource [${scope === '/' ? scope : scope.slice(1)}]`]
  return blocked(
    403,
    `${what} is blocked because principal [${name}] does not have required RBAC permissions to perform action [${action}] on ${where}`,
    isMetadata ? 5301 : 5302,
  )
}

/** `type=master&ver=1.0&sig=…`, encoded as a whole. */
function readFields(header = ''): Map<string, string> {
  let text = header
  try {
    text = decodeURIComponent(header)
  } catch {
    // Not encoded: then it is read as it is.
  }
  return new Map(
    text.split('&').map((field): [string, string] => {
      const at = field.indexOf('=')
      return [field.slice(0, at), field.slice(at + 1)]
    }),
  )
}

/** What is signed of an address: the type of the resource, and its link. A list is signed with the link of its owner. */
function addressOf(segments: readonly string[]): { type: string; path: readonly string[] } {
  // An operation on a container, such as a delete by partition key, is signed as the container.
  if (segments[4] === 'operations') return { type: 'colls', path: segments.slice(0, 4) }
  const isList = segments.length % 2 === 1
  const type = (isList ? segments.at(-1) : segments.at(-2)) ?? ''
  return { type: type.toLowerCase(), path: isList ? segments.slice(0, -1) : segments }
}
