import { randomUUID } from 'node:crypto'
import type { Message, NewMessage, TypedProperties } from '../engine/message.ts'
import { textValue } from '../engine/value.ts'
import {
  asBuffer,
  describedList,
  describedMap,
  nothing,
  type Section,
  section,
  sections,
} from './sections.ts'
import { writeTyped } from './values.ts'
import { elements, MalformedError, readDescribed, readScalar, valueEnd } from './wire.ts'

/** The fields of the properties section that the broker looks at, by position. */
const field = {
  messageId: 0,
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  groupId: 10,
  replyToGroupId: 12,
} as const

const scheduledEnqueueTime = 'x-opt-scheduled-enqueue-time'

/** Annotations that the broker writes itself on delivery, whatever a sender put there. */
const brokerAnnotations = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-enqueue-sequence-number',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
])

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
    }
  }
  if (messageId !== undefined)
    return { messageId, sessionId, timeToLive, scheduledFor, encoded: Buffer.from(bytes) }
  const id = randomUUID().replaceAll('-', '')
  return { messageId: id, sessionId, timeToLive, scheduledFor, encoded: withMessageId(bytes, parts, id) }
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

/** The message as someone sees it who peeks; `withoutBody`, its size stands in the delivery annotations instead. */
export function encodePeeked(message: Message, withoutBody = false): Buffer {
  const bytes = encodeDelivery(
    message,
    message.lock === undefined ? message.deliveryCount : message.deliveryCount - 1,
  )
  if (!withoutBody) return bytes
  const [header, ...rest] = sections(bytes)
  const isBody = ({ code }: Section) => code >= section.data && code <= section.value
  const size = rest.filter(isBody).reduce((sum, { start, end }) => sum + end - start, 0)
  const kept = rest.filter((part) => !isBody(part) && part.code !== section.deliveryAnnotations)
  return Buffer.concat([
    bytes.subarray(0, header?.end),
    describedMap(section.deliveryAnnotations, [key.omittedBodySize, long(size)]),
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
  ])
}

/**
 * The message as a receiver gets it: the sender's bytes, with header and annotations that tell what the queue knows, and
 * with the application properties that settlements have set.
 */
export function encodeDelivery(message: Message, earlierDeliveries = message.deliveryCount - 1): Buffer {
  const bytes = asBuffer(message.encoded)
  const parts: Buffer[] = []
  let durable: Buffer = nothing
  let priority: Buffer = nothing
  const annotations = ownAnnotations(message)
  let rest = bytes.length
  for (let at = 0; at < bytes.length; ) {
    const { code, value } = readDescribed(bytes, at)
    if (code > section.messageAnnotations) {
      rest = at
      break
    }
    const end = valueEnd(bytes, value)
    if (code === section.header) {
      const { offsets, end: last } = elements(bytes, value)
      durable = slice(bytes, offsets, 0, last)
      priority = slice(bytes, offsets, 1, last)
    } else if (code === section.messageAnnotations) {
      const { offsets, end: last } = elements(bytes, value)
      for (let i = 0; i + 1 < offsets.length; i += 2) {
        if (brokerAnnotations.has(String(readScalar(bytes, offsets[i] as number)))) continue
        annotations.push(slice(bytes, offsets, i, last), slice(bytes, offsets, i + 1, last))
      }
    }
    at = end
  }
  const ttl = Number.isFinite(message.timeToLive) ? uint(Math.min(message.timeToLive, 0xffffffff)) : nothing
  const count = Math.max(0, earlierDeliveries)
  parts.push(describedList(section.header, [durable, priority, ttl, boolean(count === 0), uint(count)]))
  parts.push(describedMap(section.messageAnnotations, annotations))
  if (message.changes === undefined) parts.push(bytes.subarray(rest))
  else parts.push(...withChanges(bytes, rest, message.changes))
  return Buffer.concat(parts)
}

function slice(bytes: Buffer, offsets: readonly number[], index: number, last: number): Buffer {
  const at = offsets[index]
  return at === undefined ? nothing : bytes.subarray(at, offsets[index + 1] ?? last)
}

function ownAnnotations(message: Message): Buffer[] {
  const annotations = [
    key.sequenceNumber,
    long(message.sequenceNumber),
    key.enqueuedTime,
    timestamp(message.enqueuedTime),
    key.enqueuedSequenceNumber,
    long(message.enqueuedSequenceNumber),
    key.messageState,
    int(message.state === 'active' ? 0 : message.state === 'deferred' ? 1 : 2),
  ]
  if (message.lock !== undefined) annotations.push(key.lockedUntil, timestamp(message.lock.until))
  if (message.deadLetterSource !== undefined) {
    annotations.push(key.deadLetterSource, writeTyped(textValue(message.deadLetterSource)))
  }
  return annotations
}

function withChanges(bytes: Buffer, rest: number, changes: TypedProperties): Buffer[] {
  const tail = bytes.subarray(rest)
  const part = sections(tail).find((p) => p.code === section.applicationProperties)
  const { offsets, end } = part ? elements(tail, part.value) : { offsets: [] as number[], end: 0 }
  const entries: Buffer[] = []
  for (let i = 0; i + 1 < offsets.length; i += 2) {
    if (Object.hasOwn(changes, String(readScalar(tail, offsets[i] as number)))) continue
    entries.push(slice(tail, offsets, i, end), slice(tail, offsets, i + 1, end))
  }
  for (const [name, value] of Object.entries(changes)) {
    entries.push(writeTyped(textValue(name)), writeTyped(value))
  }
  const merged = describedMap(section.applicationProperties, entries)
  const insertAt =
    part?.start ?? sections(tail).find((p) => p.code > section.applicationProperties)?.start ?? tail.length
  return [tail.subarray(0, insertAt), merged, tail.subarray(part?.end ?? insertAt)]
}

// ── Encoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const key = {
  sequenceNumber: symbol('x-opt-sequence-number'),
  enqueuedTime: symbol('x-opt-enqueued-time'),
  enqueuedSequenceNumber: symbol('x-opt-enqueue-sequence-number'),
  messageState: symbol('x-opt-message-state'),
  lockedUntil: symbol('x-opt-locked-until'),
  deadLetterSource: symbol('x-opt-deadletter-source'),
  omittedBodySize: symbol('omitted-message-body-size'),
}

function symbol(name: string): Buffer {
  return Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name, 'ascii')])
}

function long(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(9)
  buffer[0] = 0x81
  buffer.writeBigInt64BE(BigInt(value), 1)
  return buffer
}

function timestamp(value: number): Buffer {
  const buffer = long(Math.trunc(value))
  buffer[0] = 0x83
  return buffer
}

function boolean(value: boolean): Buffer {
  return Buffer.from([value ? 0x41 : 0x42])
}

function int(value: number): Buffer {
  return Buffer.from([0x54, value])
}

function uint(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(5)
  buffer[0] = 0x70
  buffer.writeUInt32BE(value, 1)
  return buffer
}
