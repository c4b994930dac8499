/** Messages as receivers get them: the sender's bytes, with what the queue knows of them. */
import type { Message, TypedProperties } from '../engine/message.ts'
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
import { elements, readDescribed, readScalar, valueEnd } from './wire.ts'

/** Annotations that the broker writes itself on delivery, whatever a sender put there. */
const brokerAnnotations = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-enqueue-sequence-number',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
])

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
