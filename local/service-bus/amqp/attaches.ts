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

/**
 * Notices coordinators, which rhea does not know as targets, and remembers the client's handle of each link: rhea would
 * keep links under their handles for ever.
 */
export function watchAttaches(session: Session): void {
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
    onAttach.call(session, frame)
    const link = session.remote.handles[fields.handle]
    if (link !== undefined) link.remote.handle = fields.handle
  }
}
