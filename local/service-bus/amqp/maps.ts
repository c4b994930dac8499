import { Failure } from '../engine/failure.ts'
import { type TypedValue, textOf } from '../engine/value.ts'
import { readTyped } from './values.ts'
import { elements, readScalar } from './wire.ts'

/** A map of AMQP, whose values are read when they are asked for, with their types. */
export interface MapReader {
  map(key: string): MapReader | undefined
  text(key: string): string | undefined
  /** Refuses values that cannot be compared, null among them. */
  values(): Record<string, TypedValue>
  /** As application properties: null is a value. */
  properties(): Record<string, TypedValue>
}

export function mapAt(bytes: Buffer, at: number): MapReader {
  const { offsets } = elements(bytes, at)
  const places = new Map<string, number>()
  for (let i = 0; i + 1 < offsets.length; i += 2) {
    places.set(String(readScalar(bytes, offsets[i] as number)), offsets[i + 1] as number)
  }
  const value = (key: string) => {
    const place = places.get(key)
    const found = place === undefined ? undefined : readTyped(bytes, place)
    return found?.type === 'null' ? undefined : found
  }
  return {
    map(key) {
      const place = places.get(key)
      if (place === undefined || bytes[place] === 0x40) return undefined
      return mapAt(bytes, place)
    },
    text(key) {
      const found = value(key)
      return found && textOf(found)
    },
    values() {
      const all: Record<string, TypedValue> = {}
      for (const key of places.keys()) {
        const found = value(key)
        if (found === undefined)
          throw new Failure('argument-error', `The value of '${key}' cannot be compared.`)
        all[key] = found
      }
      return all
    },
    properties() {
      const all: Record<string, TypedValue> = {}
      for (const [key, place] of places) {
        const found = readTyped(bytes, place)
        if (found === undefined)
          throw new Failure('argument-error', `The value of '${key}' is none that a property can have.`)
        all[key] = found
      }
      return all
    },
  }
}
