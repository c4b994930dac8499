/** Who may do what by the template's role assignments, and the book of what was done and refused by them. */
import type { Claims } from './authority.ts'
import type { Deployment, Identity, RoleAssignment } from './deployment.ts'
import { grants } from './roles.ts'

/** Something that somebody wanted and did not get. */
export interface Refused {
  /** Whose token it was; undefined where it proved nobody. */
  readonly identity: Identity | undefined
  readonly action: string
  /** Path of the resource that it was about. */
  readonly resource: string
  readonly reason: string
  /** The role assignment that would have allowed it and was taken out. */
  readonly without?: RoleAssignment
  /** Whether only a right is missing: the token was good. */
  readonly isRight?: boolean
}

/** What an assignment allowed. */
export interface Use {
  readonly action: string
  /** Whether the app itself did it, or the platform in its name, which the rehearsal plays. */
  readonly by: 'app' | 'platform'
  /** The chapter of the story in which it was. */
  readonly chapter: string
}

/** How something is asked for. */
export interface Asking {
  /** A right to anything below the resource will do. */
  readonly anywhere?: boolean
  /** That the resource is not there, and what is. */
  readonly missing?: string
}

type Listener = (refused: Refused) => void

export class Rights {
  /** The chapter of the story that is told now. */
  chapter = ''
  readonly #deployment: Deployment
  readonly #everything: string
  readonly #uses = new Map<RoleAssignment, Map<string, Use>>()
  readonly #refused: Refused[] = []
  readonly #listeners = new Set<Listener>()
  #without: RoleAssignment | undefined

  /** @param everything the identity of the rehearsal itself, which may do all and is not written down */
  constructor(deployment: Deployment, everything: Identity) {
    this.#deployment = deployment
    this.#everything = everything.principalId
  }

  /** What an assignment allowed so far. */
  usesOf(assignment: RoleAssignment): readonly Use[] {
    return [...(this.#uses.get(assignment)?.values() ?? [])]
  }

  get refused(): readonly Refused[] {
    return this.#refused
  }

  /** Takes one assignment out, and puts back another that was out. */
  takeOut(assignment: RoleAssignment | undefined): void {
    this.#without = assignment
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
  allows(claims: Claims, action: string, resource: string, { anywhere, missing }: Asking = {}): boolean {
    if (claims.oid === this.#everything) return true
    const fits = (one: RoleAssignment) =>
      one.principalId === claims.oid &&
      (isWithin(resource, one.scope) || (anywhere && isWithin(one.scope, resource))) &&
      grants(one.role, action)
    const allowing = this.#assignments.filter(fits)
    for (const one of allowing) this.#use(one, action, claims.played ? 'platform' : 'app')
    const identity = this.identityOf(claims.oid)
    if (missing) this.refuse({ identity, action, resource, reason: missing })
    if (allowing.length || missing) return allowing.length > 0
    const reason = `${identity?.name ?? claims.oid} has no role that allows it there`
    const without = this.#without
    this.refuse({
      identity,
      action,
      resource,
      reason,
      isRight: true,
      ...(without && fits(without) && { without }),
    })
    return false
  }

  /** Writes down a refusal. */
  refuse(refused: Refused): void {
    this.#refused.push(refused)
    for (const listener of this.#listeners) listener(refused)
  }

  identityOf(principalId: unknown): Identity | undefined {
    return this.#deployment.identities.find((one) => one.principalId === principalId)
  }

  get #assignments(): readonly RoleAssignment[] {
    return this.#deployment.assignments.filter((one) => one !== this.#without)
  }

  #use(assignment: RoleAssignment, action: string, by: Use['by']): void {
    const uses = this.#uses.get(assignment) ?? new Map<string, Use>()
    this.#uses.set(assignment, uses)
    const key = `${by} ${action} ${this.chapter}`
    if (!uses.has(key)) uses.set(key, { action, by, chapter: this.chapter })
  }
}

function isWithin(resource: string, scope: string): boolean {
  const [path, root] = [resource.toLowerCase(), scope.toLowerCase()]
  return path === root || path.startsWith(`${root}/`)
}
