/** Who may do what by the template's role assignments, and the book of what was done and refused by them. */
import type { Claims, TokenFault } from './authority.ts'
import type { Deployment, Identity, RoleAssignment } from './deployment.ts'
import { grants } from './roles.ts'

/** What is wrong where something was refused: it decides where a cure is looked for. */
export type Fault =
  /** The token was good, and no role allows it. */
  | 'right'
  /** What a token says or who signed it; see `authority.ts`. */
  | TokenFault
  /** A key came in the place of a token. */
  | 'key'
  /** What was asked for is not there, and never was by the template; or the template has it, and it was deleted. */
  | 'missing'
  | 'deleted'
  /** There is no such host, or nothing answers at that port. */
  | 'host'
  /** No token is given: of that identity, or to that service account. */
  | 'identity'
  /** A clock is off. */
  | 'clock'
  /** An app is told something that it does not read. */
  | 'setting'
  /** An app does not start, or not go on. */
  | 'process'

/** Something that somebody wanted and did not get. */
export interface Refused {
  /** Whose token it was; undefined where it proved nobody. */
  readonly identity: Identity | undefined
  /** The app that it was, where no token says so. */
  readonly app?: string
  /** Whether the app itself asked, or the platform in its name. */
  readonly by?: Caller
  readonly fault: Fault
  /** What was wanted; empty where nothing was refused yet, and something is wrong all the same. */
  readonly action: string
  /** Path of the resource that it was about. */
  readonly resource: string
  readonly reason: string
  /** The role assignment of the template that would have allowed it and is not in force. */
  readonly without?: RoleAssignment
  /** The chapter of the story in which it was. */
  readonly chapter: string
}

/** Who acts: the app itself, or the platform in its name, which the rehearsal plays. */
export type Caller = 'app' | 'platform'

/** What an assignment allowed. */
export interface Use {
  readonly action: string
  readonly by: Caller
  /** The chapter of the story in which it was. */
  readonly chapter: string
}

/** How something is asked for. */
export interface Asking {
  /** A right to anything below the resource will do. */
  readonly anywhere?: boolean
  /** That the resource is not there. */
  readonly missing?: Pick<Refused, 'fault' | 'reason'>
  /** For what one of several rights will do, which are asked for at once: a refusal is none if another is granted. */
  readonly oneOf?: string
}

type Listener = (refused: Refused) => void

export class Rights {
  /** The chapter of the story that is told now. */
  chapter = ''
  readonly #deployment: Deployment
  readonly #everything: string
  readonly #uses = new Map<string, Map<string, Use>>()
  readonly #refused: Refused[] = []
  /** Refusals of this moment, by what one of several rights will do for. */
  readonly #held = new Map<string, Omit<Refused, 'chapter'>[]>()
  readonly #listeners = new Set<Listener>()
  #inForce: readonly RoleAssignment[]

  /** @param everything the identity of the rehearsal itself, which may do all and is not written down */
  constructor(deployment: Deployment, everything: Identity) {
    this.#deployment = deployment
    this.#everything = everything.principalId
    this.#inForce = deployment.assignments
  }

  /** What an assignment allowed so far. */
  usesOf({ id }: RoleAssignment): readonly Use[] {
    return [...(this.#uses.get(id)?.values() ?? [])]
  }

  get refused(): readonly Refused[] {
    return this.#refused
  }

  /** Lets the role assignments of another evaluation be in force; of those of the first one, refusals name what is missing. */
  govern({ assignments }: Pick<Deployment, 'assignments'>): void {
    this.#inForce = assignments
  }

  /** Tells of every refusal from now on; answers how to stop that. */
  onRefused(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Whether somebody may do something with a resource, which is written down.
   * @param resource its path
   */
  allows(claims: Claims, action: string, resource: string, asking: Asking = {}): boolean {
    const { anywhere, missing } = asking
    if (claims.oid === this.#everything) return true
    const fits = (one: RoleAssignment) =>
      one.principalId === claims.oid &&
      (isWithin(resource, one.scope) || (anywhere && isWithin(one.scope, resource))) &&
      grants(one.role, action)
    const allowing = this.#inForce.filter(fits)
    const by: Caller = claims.played ? 'platform' : 'app'
    for (const one of allowing) this.#use(one, action, by)
    const identity = this.identityOf(claims.oid)
    const asked = { identity, by, action, resource }
    const oneOf = asking.oneOf && `${claims.oid} ${asking.oneOf}`
    if (oneOf && allowing.length) this.#held.delete(oneOf)
    if (missing) this.refuse({ ...asked, ...missing })
    if (allowing.length || missing) return allowing.length > 0
    const without = this.#deployment.assignments.find((one) => fits(one) && !this.#isInForce(one))
    const refused = {
      ...asked,
      fault: 'right' as const,
      reason: `${identity?.name ?? claims.oid} has no role that allows it there`,
      ...(without && { without }),
    }
    if (oneOf) this.#hold(oneOf, refused)
    else this.refuse(refused)
    return false
  }

  /** Writes down a refusal. */
  refuse(refused: Omit<Refused, 'chapter'>): void {
    const written = { ...refused, chapter: this.chapter }
    this.#refused.push(written)
    for (const listener of this.#listeners) listener(written)
  }

  identityOf(principalId: unknown): Identity | undefined {
    return this.#deployment.identities.find((one) => one.principalId === principalId)
  }

  #hold(key: string, refused: Omit<Refused, 'chapter'>): void {
    const held = this.#held.get(key) ?? []
    this.#held.set(key, [...held, refused])
    if (held.length) return
    queueMicrotask(() => {
      const left = this.#held.get(key) ?? []
      this.#held.delete(key)
      for (const one of left) this.refuse(one)
    })
  }

  #isInForce({ id }: RoleAssignment): boolean {
    return this.#inForce.some((one) => one.id === id)
  }

  #use({ id }: RoleAssignment, action: string, by: Caller): void {
    const uses = this.#uses.get(id) ?? new Map<string, Use>()
    this.#uses.set(id, uses)
    const key = `${by} ${action} ${this.chapter}`
    if (!uses.has(key)) uses.set(key, { action, by, chapter: this.chapter })
  }
}

function isWithin(resource: string, scope: string): boolean {
  const [path, root] = [resource.toLowerCase(), scope.toLowerCase()]
  return path === root || path.startsWith(`${root}/`)
}
