import { frames, type Link, type Session } from './rhea.ts'

/** The rest of a frame around the payload of a transfer: header, performative, and a tag of up to 32 bytes. */
const overhead = 96

const defaultMaxFrameSize = 65536

/** The broker bounds what it sends by credit, by the peer's window and by the socket, not by a window of its own. */
const unlimited = 0xffffffff

/** Bytes that may wait in a connection's socket before deliveries pause. */
const highWaterMark = 1024 * 1024

/** Whether a message of this size may be sent on the link now. */
export function canTransfer(link: Link): boolean {
  if (link.credit <= 0 || !link.is_open()) return false
  return link.connection.socket.writableLength < highWaterMark && isWindowOpen(link.session)
}

/** Frames of a session that wait for the peer's window. */
const heldBack = new WeakMap<Session, { readonly link: Link; readonly frame: Buffer }[]>()

/** Whether the peer's session window has room for another message, or for its beginning. */
export function isWindowOpen(session: Session): boolean {
  return room(session) > 0 && !heldBack.get(session)?.length
}

/** The frames that the peer's window has room for (AMQP 1.0, 2.5.6); ids are serial numbers of 32 bits. */
function room({ outgoing }: Session): number {
  const { remote_window = 0, remote_next_transfer_id, next_transfer_id } = outgoing
  return (remote_window ?? 0) - ((next_transfer_id - (remote_next_transfer_id ?? 0)) | 0)
}

/** Goes on with a message that did not fit into the peer's window. */
export function sendHeldBack(session: Session): void {
  const waiting = heldBack.get(session)
  while (waiting?.length && room(session) > 0) {
    const { link, frame } = waiting.shift() as { link: Link; frame: Buffer }
    if (link.is_open()) writeFrame(session, frame)
  }
}

function writeFrame(session: Session, frame: Buffer): void {
  session.connection.socket.write(frame)
  session.outgoing.next_transfer_id++
}

/** Sends one message, in as many frames as the peer's frame size asks for. Returns the delivery id. */
export function transfer(link: Link, tag: Buffer, payload: Buffer, settled: boolean): number {
  const { outgoing } = link.session
  const id = outgoing.next_delivery_id++ >>> 0
  outgoing.next_pending_delivery = outgoing.next_delivery_id
  const size = Math.min(link.connection.max_frame_size ?? defaultMaxFrameSize, defaultMaxFrameSize) - overhead
  for (let at = 0; at === 0 || at < payload.length; at += size) {
    const part = payload.length > size ? payload.subarray(at, at + size) : payload
    const frame = transferFrame(link, id, tag, part, settled, at + size < payload.length)
    if (isWindowOpen(link.session)) writeFrame(link.session, frame)
    else hold(link, frame)
  }
  link.credit--
  link.delivery_count++
  return id
}

function hold(link: Link, frame: Buffer): void {
  const waiting = heldBack.get(link.session)
  if (waiting === undefined) heldBack.set(link.session, [{ link, frame }])
  else waiting.push({ link, frame })
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
      outgoing_window: unlimited,
      handle: link.local.handle,
      delivery_count: link.delivery_count,
      link_credit: 0,
      drain: true,
    }),
  )
}
