/** What is counted of messages that were not simply made. */
import { counter } from '../platform/telemetry/metrics.ts'

const deadLetters = counter({
  name: 'store.dead_letters',
  description: 'This instance: messages that it dead-lettered.',
  unit: '{message}',
})

/** Counts a message that is to come again later. */
export const countRetry = counter({
  name: 'store.messages.retried',
  description: 'This instance: messages that are to come again later.',
  unit: '{message}',
})

/** Reasons of the app and of the broker. Whoever may write to the queue may call it what they like. */
const reasons = new Set([
  'InvalidMessage',
  'OrderNotFound',
  'RetriesExhausted',
  'MaxDeliveryCountExceeded',
  'TTLExpiredException',
])

/** The reason of a dead letter as an attribute, of which there are few. */
export const reasonOf = (reason: unknown): string => (reasons.has(String(reason)) ? String(reason) : '_OTHER')

/** Counts a dead letter. */
export const countDeadLetter = (reason: string): void =>
  deadLetters({ 'store.dead_letter.reason': reasonOf(reason) })
