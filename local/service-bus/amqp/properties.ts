import type { PropertyChanges } from '../engine/actions.ts'
import type { MessageFormat } from '../engine/distribution.ts'
import type { FilterableProperties } from '../engine/filters.ts'
import { type TypedValue, textValue } from '../engine/value.ts'
import {
  asBuffer,
  describedList,
  describedMap,
  nothing,
  type Section,
  section,
  sections,
} from './sections.ts'
import { readTyped, writeTyped } from './values.ts'
import { elements, readScalar } from './wire.ts'

/** The names that SQL has for fields of the properties section, by position. */
const fields: Readonly<Record<string, number>> = {
  messageid: 0,
  to: 2,
  label: 3,
  replyto: 4,
  correlationid: 5,
  contenttype: 6,
  sessionid: 10,
  replytosessionid: 12,
}

/** The names that SQL has for message annotations. */
const annotations: Readonly<Record<string, string>> = {
  partitionkey: 'x-opt-partition-key',
  viapartitionkey: 'x-opt-via-partition-key',
  scheduledenqueuetimeutc: 'x-opt-scheduled-enqueue-time',
}

const symbolFields: ReadonlySet<string> = new Set(['contenttype'])

/** The messages of AMQP, as filters and actions see them. */
export const amqpFormat: MessageFormat = { properties: readProperties, rewrite }

function readProperties(encoded: Uint8Array): FilterableProperties {
  const bytes = asBuffer(encoded)
  const parts = sections(bytes)
  const system: Record<string, TypedValue | undefined> = {}
  const properties = parts.find((part) => part.code === section.properties)
  if (properties !== undefined) {
    const { offsets } = elements(bytes, properties.value)
    for (const [name, index] of Object.entries(fields)) {
      const at = offsets[index]
      if (at !== undefined) system[name] = readTyped(bytes, at)
    }
  }
  const annotated = readMap(bytes, parts, section.messageAnnotations)
  for (const [name, key] of Object.entries(annotations)) {
    if (annotated[key] !== undefined) system[name] = annotated[key]
  }
  return { system, applicationProperties: readMap(bytes, parts, section.applicationProperties) }
}

function readMap(bytes: Buffer, parts: readonly Section[], code: number): Record<string, TypedValue> {
  const part = parts.find((p) => p.code === code)
  const { offsets } = part ? elements(bytes, part.value) : { offsets: [] as number[] }
  const result: Record<string, TypedValue> = Object.create(null)
  for (let i = 0; i + 1 < offsets.length; i += 2) {
    const value = readTyped(bytes, offsets[i + 1] as number)
    if (value !== undefined) result[String(readScalar(bytes, offsets[i] as number))] = value
  }
  return result
}

function rewrite(encoded: Uint8Array, { system, applicationProperties }: PropertyChanges): Uint8Array {
  const bytes = asBuffer(encoded)
  const parts = sections(bytes)
  const own: [string, Buffer | undefined][] = []
  const annotated: [string, Buffer | undefined][] = []
  for (const [name, value] of system) {
    const key = annotations[name]
    if (key === undefined) own.push([name, value === undefined ? undefined : fieldValue(name, value)])
    else annotated.push([key, value === undefined ? undefined : writeTyped(textValue(value))])
  }
  const values = [...applicationProperties].map(
    ([name, value]) => [name, value && writeTyped(value)] as [string, Buffer | undefined],
  )
  const rewritten = new Map<number, Buffer>()
  if (annotated.length > 0) {
    rewritten.set(section.messageAnnotations, changedMap(bytes, parts, section.messageAnnotations, annotated))
  }
  if (own.length > 0) rewritten.set(section.properties, changedFields(bytes, parts, own))
  if (values.length > 0) {
    rewritten.set(
      section.applicationProperties,
      changedMap(bytes, parts, section.applicationProperties, values),
    )
  }
  return replaceSections(bytes, parts, rewritten)
}

function fieldValue(name: string, value: string): Buffer {
  return writeTyped(symbolFields.has(name) ? { type: 'symbol', value } : textValue(value))
}

function changedFields(
  bytes: Buffer,
  parts: readonly Section[],
  changes: readonly (readonly [string, Buffer | undefined])[],
): Buffer {
  const part = parts.find(({ code }) => code === section.properties)
  const { offsets, end } = part ? elements(bytes, part.value) : { offsets: [] as number[], end: 0 }
  const items = offsets.map((at, i) => bytes.subarray(at, offsets[i + 1] ?? end))
  for (const [name, value] of changes) {
    const index = fields[name] as number
    while (items.length <= index) items.push(nothing)
    items[index] = value ?? nothing
  }
  return describedList(section.properties, items)
}

function changedMap(
  bytes: Buffer,
  parts: readonly Section[],
  code: number,
  changes: readonly (readonly [string, Buffer | undefined])[],
): Buffer {
  const part = parts.find((each) => each.code === code)
  const { offsets, end } = part ? elements(bytes, part.value) : { offsets: [] as number[], end: 0 }
  const changed = new Map(changes)
  const items: Buffer[] = []
  for (let i = 0; i + 1 < offsets.length; i += 2) {
    if (changed.has(String(readScalar(bytes, offsets[i] as number)))) continue
    items.push(
      bytes.subarray(offsets[i], offsets[i + 1]),
      bytes.subarray(offsets[i + 1], offsets[i + 2] ?? end),
    )
  }
  const keyType = code === section.applicationProperties ? 'string' : 'symbol'
  for (const [name, value] of changed) {
    if (value !== undefined) items.push(writeTyped({ type: keyType, value: name }), value)
  }
  return describedMap(code, items)
}

/** Puts sections in the places of those with their codes, or where AMQP wants them. */
function replaceSections(
  bytes: Buffer,
  parts: readonly Section[],
  replacements: ReadonlyMap<number, Buffer>,
): Buffer {
  const all = [
    ...parts
      .filter(({ code }) => !replacements.has(code))
      .map(({ code, start, end }) => ({ code, content: bytes.subarray(start, end) })),
    ...[...replacements].map(([code, content]) => ({ code, content })),
  ]
  return Buffer.concat(all.sort((a, b) => a.code - b.code).map(({ content }) => content))
}
