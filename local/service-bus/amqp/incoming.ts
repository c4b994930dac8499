/** Messages as clients send them, understood as far as the queues need it. */
import { randomUUID } from 'node:crypto'
import type { NewMessage } from '../engine/message.ts'
import { textValue } from '../engine/value.ts'
import { describedList, type Section, section, sections } from './sections.ts'
import { writeTyped } from './values.ts'
import { elements, MalformedError, readScalar } from './wire.ts'

/** The fields of the properties section that the broker looks at, by position. */
const field = { messageId: 0, groupId: 10 } as const

const scheduledEnqueueTime = 'x-opt-scheduled-enqueue-time'

/**
 * Understands an incoming transfer: one message, or a batch of them. The bytes are copied, so that they do not keep a
 * whole network buffer alive. Throws `MalformedError`.
 */
export function decodeTransfer(payload: Buffer, isBatch: boolean): NewMessage[] {
  if (!isBatch) return [decodeMessage(payload)]
  const batch = sections(payload).filter((part) => part.code === section.data)
  return batch.map((part) => {
    const encoded = readScalar(payload, part.value)
    if (!Buffer.isBuffer(encoded)) throw new MalformedError('a batch holds something that is not a message')
    return decodeMessage(encoded)
  })
}

/** Reads what the queue needs to know of a message; a message without an id gets one. Throws `MalformedError`. */
export function decodeMessage(bytes: Buffer): NewMessage {
  let messageId: string | undefined
  let sessionId: string | undefined
  let timeToLive: number | undefined
  let scheduledFor: number | undefined
  const parts = sections(bytes)
  for (const part of parts) {
    if (part.code === section.header) {
      const ttl = readField(bytes, part.value, 2)
      if (typeof ttl === 'number') timeToLive = ttl
    } else if (part.code === section.messageAnnotations) {
      const at = mapValue(bytes, part.value, scheduledEnqueueTime)
      const value = at === undefined ? undefined : readScalar(bytes, at)
      if (value instanceof Date) scheduledFor = value.getTime()
      else if (typeof value === 'number') scheduledFor = value
    } else if (part.code === section.properties) {
      messageId = idText(readField(bytes, part.value, field.messageId))
      const group = readField(bytes, part.value, field.groupId)
      // An empty id is none: nobody could receive the session.
      if (typeof group === 'string' && group !== '') sessionId = group
    } else if (part.code === section.applicationProperties && !isMap(bytes, part.value)) {
      throw new MalformedError('the application properties are no map')
    }
  }
  if (messageId !== undefined)
    return { messageId, sessionId, timeToLive, scheduledFor, encoded: Buffer.from(bytes) }
  const id = randomUUID().replaceAll('-', '')
  return { messageId: id, sessionId, timeToLive, scheduledFor, encoded: withMessageId(bytes, parts, id) }
}

function isMap(buffer: Buffer, at: number): boolean {
  return buffer[at] === 0xc1 || buffer[at] === 0xd1
}

function readField(buffer: Buffer, list: number, index: number) {
  const at = elements(buffer, list).offsets[index]
  return at === undefined ? undefined : readScalar(buffer, at)
}

function mapValue(buffer: Buffer, map: number, key: string): number | undefined {
  const { offsets } = elements(buffer, map)
  for (let i = 0; i + 1 < offsets.length; i += 2) {
    if (readScalar(buffer, offsets[i] as number) === key) return offsets[i + 1]
  }
  return undefined
}

function idText(id: ReturnType<typeof readScalar>): string | undefined {
  if (id === undefined || id === null) return undefined
  return Buffer.isBuffer(id) ? id.toString('hex') : String(id)
}

function withMessageId(bytes: Buffer, parts: readonly Section[], id: string): Buffer {
  const properties = parts.find((part) => part.code === section.properties)
  const { offsets, end } = properties ? elements(bytes, properties.value) : { offsets: [], end: 0 }
  const rest = offsets.slice(1).map((at, i) => bytes.subarray(at, offsets[i + 2] ?? end))
  const encoded = describedList(section.properties, [writeTyped(textValue(id)), ...rest])
  const before =
    properties?.start ?? parts.find((part) => part.code > section.properties)?.start ?? bytes.length
  const after = properties?.end ?? before
  return Buffer.concat([bytes.subarray(0, before), encoded, bytes.subarray(after)])
}
