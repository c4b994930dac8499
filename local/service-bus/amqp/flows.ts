import type { Link, Session } from './rhea.ts'

/** What rhea leaves out of flow frames: a count that a client cannot know yet, and the answer that it asks for. */
export function watchFlows(session: Session): void {
  const onFlow = session.on_flow
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
    onFlow.call(session, frame)
    // Who drains gets an answer anyway, once nothing more is to be sent.
    if (fields.echo && !fields.drain) session._write_flow(link)
  }
}
