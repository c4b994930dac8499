import type { TypedProperties } from '../engine/message.ts'
import type { Queue } from '../engine/queue.ts'
import { textOf } from '../engine/value.ts'
import { accepted, rejected } from './dispositions.ts'
import { type MapReader, mapAt } from './maps.ts'
import rhea, { type Typed } from './rhea.ts'

/** What an outcome does to a locked message, and what it is answered with. */
export interface Settlement {
  /** Refuses what `apply` would refuse. */
  check(queue: Queue, token: string, now: number): void
  apply(queue: Queue, token: string, now: number): void
  readonly answer: Typed
}

/** Understands an outcome that a receiver gives; undefined when it is none. */
export function settlementOf(outcome: Typed): Settlement | undefined {
  const fields = outcome.value as readonly (Typed | undefined)[]
  switch (outcome.descriptor?.value) {
    case 0x24:
    case 'amqp:accepted:list':
      return { check: checkLock, apply: (queue, token, now) => queue.complete(token, now), answer: accepted }
    case 0x25:
    case 'amqp:rejected:list': {
      const info = mapOf((fields[0]?.value as readonly Typed[] | null | undefined)?.[2])
      const { DeadLetterReason, DeadLetterErrorDescription, ...changes } = info?.properties() ?? {}
      const why = {
        reason: DeadLetterReason && textOf(DeadLetterReason),
        description: DeadLetterErrorDescription && textOf(DeadLetterErrorDescription),
      }
      return {
        check: (queue, token, now) => queue.checkDeadLetter(token, now),
        apply: (queue, token, now) => queue.deadLetter(token, now, why, changes),
        answer: rejected(),
      }
    }
    case 0x26:
    case 'amqp:released:list':
      return { check: checkLock, apply: (queue, token, now) => queue.release(token, now), answer: outcome }
    case 0x27:
    case 'amqp:modified:list': {
      const isDeferral = fields[1]?.value === true
      const changes: TypedProperties = mapOf(fields[2])?.properties() ?? {}
      return {
        check: checkLock,
        apply(queue, token, now) {
          if (isDeferral) queue.defer(token, now, changes)
          else queue.abandon(token, now, changes)
        },
        answer: outcome,
      }
    }
    default:
      return undefined
  }
}

function checkLock(queue: Queue, token: string, now: number): void {
  queue.checkLock(token, now)
}

/** rhea has decoded the map already; its bytes tell the types again. */
function mapOf(map: Typed | undefined): MapReader | undefined {
  if (!Array.isArray(map?.value)) return undefined
  const writer = new rhea.types.Writer()
  writer.write(map)
  return mapAt(Buffer.from(writer.toBuffer()), 0)
}
