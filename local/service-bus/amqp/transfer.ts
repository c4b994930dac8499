import { frames, type Link, type Session } from './rhea.ts'

/** The rest of a frame around the payload of a transfer: header, performative, and a tag of up to 32 bytes. */
const overhead = 96

const defaultMaxFrameSize = 65536

/** Frames of the largest message to a peer with frames of a sensible size. */
const mostFrames = 16

/** Bytes that may wait in a connection's socket before deliveries pause. */
const highWaterMark = 1024 * 1024

/** Whether a message of this size may be sent on the link now. */
export function canTransfer(link: Link): boolean {
  if (link.credit <= 0 || !link.is_open()) return false
  return link.connection.socket.writableLength < highWaterMark && isWindowOpen(link.session)
}

/** Whether the peer's session window has room for the frames of one more message. */
export function isWindowOpen(session: Session): boolean {
  return session.outgoing.transfer_window() > mostFrames
}

/** Sends one message, in as many frames as the peer's frame size asks for. Returns the delivery id. */
export function transfer(link: Link, tag: Buffer, payload: Buffer, settled: boolean): number {
  const { outgoing } = link.session
  const id = outgoing.next_delivery_id++
  outgoing.next_pending_delivery = outgoing.next_delivery_id
  const room = Math.min(link.connection.max_frame_size ?? defaultMaxFrameSize, defaultMaxFrameSize) - overhead
  const { socket } = link.connection
  for (let at = 0; at === 0 || at < payload.length; at += room) {
    const part = payload.length > room ? payload.subarray(at, at + room) : payload
    socket.write(transferFrame(link, id, tag, part, settled, at + room < payload.length))
    outgoing.next_transfer_id++
    outgoing.window--
  }
  link.credit--
  link.delivery_count++
  return id
}

function transferFrame(
  link: Link,
  id: number,
  tag: Buffer,
  payload: Buffer,
  settled: boolean,
  more: boolean,
): Buffer {
  const listSize = 1 + 5 + 5 + 2 + tag.length + 1 + 1 + 1
  const size = 8 + 3 + 2 + listSize + payload.length
  const frame = Buffer.allocUnsafe(size)
  let at = frame.writeUInt32BE(size, 0)
  at = frame.writeUInt32BE(0x02000000 | link.session.local.channel, at)
  frame[at++] = 0x00
  frame[at++] = 0x53
  frame[at++] = 0x14
  frame[at++] = 0xc0
  frame[at++] = listSize
  frame[at++] = 6
  frame[at++] = 0x70
  at = frame.writeUInt32BE(link.local.handle, at)
  frame[at++] = 0x70
  at = frame.writeUInt32BE(id, at)
  frame[at++] = 0xa0
  frame[at++] = tag.length
  at += tag.copy(frame, at)
  frame[at++] = 0x43
  frame[at++] = settled ? 0x41 : 0x42
  frame[at++] = more ? 0x41 : 0x42
  payload.copy(frame, at)
  return frame
}

/** Tells a draining receiver that its credit is used up, even when there was none left (rhea would stay silent then). */
export function answerDrain(link: Link): void {
  const { session } = link
  link.delivery_count += link.credit
  link.credit = 0
  link._draining = false
  session.incoming.max_transfer_id = session.incoming.next_transfer_id + session.incoming.window
  session.output(
    frames.flow({
      next_incoming_id: session.incoming.next_transfer_id >>> 0,
      incoming_window: session.incoming.window,
      next_outgoing_id: session.outgoing.next_transfer_id >>> 0,
      outgoing_window: session.outgoing.window,
      handle: link.local.handle,
      delivery_count: link.delivery_count,
      link_credit: 0,
      drain: true,
    }),
  )
}
