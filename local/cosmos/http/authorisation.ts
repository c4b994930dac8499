import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { CosmosError } from '../errors.ts'
import type { Request } from './message.ts'

/** Who a token is about. */
export interface Principal {
  readonly name: string
}

/** Decides about Microsoft Entra tokens. Without one, none is taken. */
export interface TokenAuthority {
  /** Whose token it is; undefined: it proves nothing. */
  authorize(token: string): Principal | undefined
  /**
   * Whether somebody may do something: a data action such as `Microsoft.DocumentDB/databaseAccounts/readMetadata` or
   * `…/sqlDatabases/containers/items/read`, on a resource: `/`, `/dbs/name` or `/dbs/name/colls/name`.
   */
  allows(principal: Principal, action: string, resource: string): boolean
}

/** How far a client's clock may be off, in milliseconds. */
const clockTolerance = 15 * 60 * 1000

/** Checks who asks. @throws 401 or 403 */
export class Authorisation {
  readonly #key: KeyObject
  readonly #authority: TokenAuthority | undefined

  constructor(key: string, authority?: TokenAuthority) {
    this.#key = createSecretKey(key, 'base64')
    this.#authority = authority
  }

  /** `actions`: what the request is about to do; undefined where only the key of the account will do. */
  check(request: Request, actions: readonly string[] | undefined, now: number): void {
    const fields = readFields(request.headers.authorization)
    const type = fields.get('type')
    if (type === 'master') this.#checkSignature(request, fields.get('sig') ?? '', now)
    else if (type === 'aad') this.#checkToken(request, fields.get('sig') ?? '', actions)
    else
      throw unauthorized(
        'Required Header authorization is missing, or it is neither a signature by the master key nor a Microsoft Entra token.',
      )
  }

  #checkSignature(request: Request, signature: string, now: number): void {
    const date = request.headers['x-ms-date'] ?? request.headers.date ?? ''
    const given = Buffer.from(signature.replaceAll(' ', '+'))
    const { type, links } = addressOf(request.segments)
    const fits = links.some((link) => {
      const text = `${request.method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`
      const expected = Buffer.from(createHmac('sha256', this.#key).update(text).digest('base64'))
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    if (!fits)
      throw unauthorized(
        `The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol: ${request.method.toLowerCase()}, ${type}, ${links[0]}, ${date}`,
      )
    const time = Date.parse(date)
    if (!(Math.abs(time - now) <= clockTolerance))
      throw new CosmosError(
        403,
        `The authorization token is not valid at the current time. Its date is ${date}; the time here is ${new Date(now).toUTCString()}.`,
      )
  }

  #checkToken(request: Request, token: string, actions: readonly string[] | undefined): void {
    const principal = this.#authority?.authorize(token)
    if (!this.#authority || !principal) throw unauthorized('The Microsoft Entra token is not valid here.')
    const resource = resourceOf(request.segments)
    if (!actions)
      throw new CosmosError(403, 'Databases and containers are not made with Microsoft Entra tokens.', {
        substatus: 5300,
      })
    for (const action of actions)
      if (!this.#authority.allows(principal, action, resource))
        throw new CosmosError(
          403,
          `Request blocked: principal [${principal.name}] does not have required RBAC permissions to perform action [${action}] on resource [${resource}].`,
          { substatus: 5301 },
        )
  }
}

const unauthorized = (message: string) => new CosmosError(401, message, { charge: 0 })

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

/**
 * What is signed of an address: the type of the resource and its link. A list is signed with the link of its owner; a
 * link by resource ids in lower case, and the last id alone.
 */
function addressOf(segments: readonly string[]): { type: string; links: string[] } {
  const isList = segments.length % 2 === 1
  const type = (isList ? segments.at(-1) : segments.at(-2)) ?? ''
  const path = isList ? segments.slice(0, -1) : segments
  const link = path.join('/')
  const encoded = path.map(encodeURIComponent).join('/')
  return { type: type.toLowerCase(), links: [link, encoded, (path.at(-1) ?? '').toLowerCase()] }
}

function resourceOf(segments: readonly string[]): string {
  const path = segments.slice(0, segments[2] === 'colls' && segments[3] ? 4 : segments[1] ? 2 : 0)
  return `/${path.join('/')}`
}
