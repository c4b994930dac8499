/** What is counted of messages that were not simply made. */
import { counter } from '../platform/telemetry/metrics.ts'

/** Reasons of the app and of the broker. Whoever may write to the queue may call it what they like. */
const reasons = [
  'InvalidMessage',
  'OrderNotFound',
  'RetriesExhausted',
  'MaxDeliveryCountExceeded',
  'TTLExpiredException',
]
const other = '_OTHER'

const deadLetters = counter(
  {
    name: 'store.dead_letters',
    description: 'This instance: messages that it dead-lettered.',
    unit: '{message}',
  },
  [...reasons, other].map((reason) => ({ 'store.dead_letter.reason': reason })),
)

/** Counts a message that is to come again later. */
export const countRetry = counter(
  {
    name: 'store.messages.retried',
    description: 'This instance: messages that are to come again later.',
    unit: '{message}',
  },
  [{}],
)

/** The reason of a dead letter as an attribute, of which there are few. */
export const reasonOf = (reason: unknown): string =>
  reasons.includes(String(reason)) ? String(reason) : other

/** Counts a dead letter. */
export const countDeadLetter = (reason: string): void =>
  deadLetters({ 'store.dead_letter.reason': reasonOf(reason) })
