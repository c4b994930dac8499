/** Who may do what: the one place that the protocols ask. */

/** What may be done with an entity, as shared access policies and roles grant it; `Manage` is more than the others. */
export type Right = 'Listen' | 'Manage' | 'Send'

/** Somebody whose token was good. */
export interface Principal {
  /** The name of the shared access key, or the object id of an identity. */
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly expires: number
  /** The path that the token is for, in lower case without slashes at its ends; empty for the whole namespace. */
  readonly scope: string
  /** What the token grants at most. */
  readonly rights: readonly Right[]
  /** The claims of a token of Microsoft Entra. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Why a token is no good. */
export interface Refusal {
  readonly refused: string
}

/** Decides who may send to, listen to or manage which entity. */
export interface Access {
  /** Whom a token proves. Tokens come as clients send them, without the scheme `Bearer`. */
  authorize(token: string, now: number): Principal | Refusal | Promise<Principal | Refusal>
  /** Whether a principal may do this with an entity or one of its nodes, such as `orders/$DeadLetterQueue`. */
  allows(principal: Principal, entity: string, right: Right): boolean
}

/** Whether scope and rights of the principal cover it. */
export function covers({ scope, rights }: Principal, entity: string, right: Right): boolean {
  const path = pathOf(entity)
  const isInScope = scope === '' || path === scope || path.startsWith(`${scope}/`)
  return isInScope && (rights.includes(right) || rights.includes('Manage'))
}

/** Asks the first of several that does not refuse the token; whoever took a principal in decides for it later. */
export function anyOf(all: readonly Access[]): Access {
  const owners = new WeakMap<Principal, Access>()
  return {
    async authorize(token, now) {
      const refusals: string[] = []
      for (const access of all) {
        const result = await access.authorize(token, now)
        if (!('refused' in result)) {
          owners.set(result, access)
          return result
        }
        refusals.push(result.refused)
      }
      return { refused: refusals.join(' ') }
    },
    allows: (principal, entity, right) => owners.get(principal)?.allows(principal, entity, right) ?? false,
  }
}

/** The path of a resource such as `sb://host/orders?x=1`: `orders`. */
export function pathOf(resource: string): string {
  return resource
    .replace(/^[a-z]+:\/\/[^/?]*/i, '')
    .replace(/\?.*$/s, '')
    .replace(/^\/+|\/+$/g, '')
    .toLowerCase()
}

function failed(error: unknown): Refusal {
  return {
    refused: `The token could not be checked: ${error instanceof Error ? error.message : String(error)}`,
  }
}

/** Tokens that one connection may hold at a time: one for each entity of the largest namespace. */
const maxPrincipals = 10_000

/** Characters of the audience of a token: the longest host name and the longest path of an entity, with room to spare. */
const maxAudience = 1024

/** The principals that one connection has proved, each until its token expires. */
export class Credentials {
  readonly #access: Access
  readonly #principals = new Map<string, Principal>()

  constructor(access: Access) {
    this.#access = access
  }

  /** Takes a token in, in the place of an earlier one for the same audience; says why when it is no good. */
  add(token: string, audience: string, now: number): Refusal | undefined | Promise<Refusal | undefined> {
    const result = this.#authorize(token, now)
    // Who needs no time takes none: a client may use what it proves at once.
    if (result instanceof Promise) return result.then((known) => this.#take(known, audience, now))
    return this.#take(result, audience, now)
  }

  /** An `access` that fails has refused: no client's token may end the broker. */
  #authorize(token: string, now: number): Principal | Refusal | Promise<Principal | Refusal> {
    try {
      const result = this.#access.authorize(token, now)
      return result instanceof Promise ? result.catch(failed) : result
    } catch (error) {
      return failed(error)
    }
  }

  #take(result: Principal | Refusal, audience: string, now: number): Refusal | undefined {
    if ('refused' in result) return result
    const key = `${audience} ${result.name} ${result.scope}`
    if (audience.length > maxAudience)
      return { refused: `The audience of a token has at most ${maxAudience} characters.` }
    if (this.#principals.size >= maxPrincipals) this.#forgetExpired(now)
    if (this.#principals.size >= maxPrincipals && !this.#principals.has(key))
      return { refused: `A connection may hold ${maxPrincipals} tokens at a time.` }
    this.#principals.set(key, result)
    return undefined
  }

  #forgetExpired(now: number): void {
    for (const [key, { expires }] of this.#principals) if (expires <= now) this.#principals.delete(key)
  }

  /** Whether one of them may do this. */
  allow(entity: string, right: Right, now: number): boolean {
    for (const principal of this.#principals.values()) {
      if (principal.expires > now && this.#access.allows(principal, entity, right)) return true
    }
    return false
  }
}
