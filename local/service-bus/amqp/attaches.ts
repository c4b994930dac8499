import rhea, { type Link, type Session, type Typed } from './rhea.ts'

/** What rhea leaves out when links attach. */

const coordinatorDescriptor = 0x30
const coordinatorSymbol = 'amqp:coordinator:list'

/** The names of links to the coordinator, which rhea does not tell from others. */
const coordinators = new WeakMap<Session, Set<string>>()

/** The broker's answer to who attaches to its transaction coordinator. */
export const coordinatorTarget: Typed = rhea.types.wrap_described([], coordinatorDescriptor)

/** Whether the client has attached to the transaction coordinator. */
export function isCoordinator(link: Link): boolean {
  return coordinators.get(link.session)?.has(link.name) ?? false
}

/** Where a session keeps a link: names are unique in one direction only (AMQP 1.0, 2.6.1), rhea wants them so in both. */
function keyOf(name: string, clientReceives: boolean): string {
  return `${clientReceives ? 'from' : 'to'} broker\0${name}`
}

/** The links of one connection until both sides have closed them, those that were refused among them. */
export class AttachedLinks {
  readonly #most: number
  readonly #links = new Set<Link>()

  constructor(most: number) {
    this.#most = most
  }

  add(link: Link): void {
    this.#links.add(link)
    if (this.#links.size > this.#most) throw new Error('too many links')
  }

  remove(link: Link): void {
    this.#links.delete(link)
  }

  /** A session takes its links with it. */
  removeAll(session: Session): void {
    for (const link of Object.values(session.links)) this.remove(link)
  }
}

/**
 * Notices coordinators, which rhea does not know as targets, and remembers the client's handle of each link: rhea would
 * keep links under their handles for ever, and let go of a handle that another link has taken since. An attach that is one
 * too many throws.
 */
export function watchAttaches(session: Session, attached: AttachedLinks): void {
  const onAttach = session.on_attach
  const names = new Set<string>()
  coordinators.set(session, names)
  session.on_attach = (frame) => {
    const fields = frame.performative
    const name = fields.target?.descriptor?.value
    if (name === coordinatorDescriptor || name === coordinatorSymbol) {
      names.add(fields.name)
      fields.target = null
    }
    const key = keyOf(fields.name, fields.role)
    if (session.links[key] !== undefined) throw new Error(`the link '${fields.name}' is attached already`)
    onAttach.call(session, frame)
    const link = session.remote.handles[fields.handle]
    if (link === undefined) return
    link.remote.handle = fields.handle
    delete session.links[fields.name]
    session.links[key] = link
    attached.add(link)
  }
  session.remove_link = (link) => {
    const { handle } = link.remote
    if (handle !== undefined && session.remote.handles[handle] === link) delete session.remote.handles[handle]
    delete session.local.handles[link.local.handle]
    delete session.links[keyOf(link.name, !link.is_receiver())]
    attached.remove(link)
  }
}
