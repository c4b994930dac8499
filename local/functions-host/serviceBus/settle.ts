/** Settling messages of one receiver. */
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'

export type Outcome = 'complete' | 'abandon'

/**
 * A function that settles a receiver's messages. Outcomes of different kinds are never under way at once: the AMQP
 * library below the SDK merges neighbouring dispositions without looking at what they say.
 */
export function createSettler(
  receiver: ServiceBusReceiver,
): (message: ServiceBusReceivedMessage, outcome: Outcome) => Promise<void> {
  let current: Outcome | undefined
  /** Ends when those of the other kind are settled that came before. */
  let others: Promise<unknown> = Promise.resolve()
  let underWay: Promise<unknown> = Promise.resolve()

  return (message, outcome) => {
    if (outcome !== current) others = underWay
    current = outcome
    const settled = others.then(() =>
      outcome === 'complete' ? receiver.completeMessage(message) : receiver.abandonMessage(message),
    )
    underWay = Promise.allSettled([underWay, settled])
    return settled
  }
}
