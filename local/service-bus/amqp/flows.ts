import type { Link, Session } from './rhea.ts'

/**
 * Takes flow frames in as rhea does, and what it leaves out: a count that a client cannot know yet, and the answer that it
 * asks for. Nothing is to be written for them that rhea would have to look for in all its sessions.
 */
export function watchFlows(session: Session): void {
  session.on_flow = (frame) => {
    const fields = frame.performative
    const { handle } = fields
    const link: Link | undefined =
      handle === null || handle === undefined ? undefined : session._get_link(frame)
    if (link !== undefined) {
      // Before the answer to its attach, a client knows no delivery count: it is what the broker begins with.
      fields.delivery_count ??= 0
      fields.link_credit ??= link.credit
    }
    session.outgoing.on_flow(fields)
    session.incoming.on_flow(fields)
    link?.on_flow(frame)
    // Who drains gets an answer anyway, once nothing more is to be sent.
    if (fields.echo && !fields.drain) session._write_flow(link)
  }
}
