/** Service Bus: one client a process and one sender a queue, made on first use. */
import type { ServiceBusMessage, ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus'
import { SpanKind } from '@opentelemetry/api'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { ProblemError, unavailable } from './problem.ts'
import { queueAttributes, sendInSpan, timed } from './telemetry/messagingSpans.ts'
import { inSpan } from './telemetry/tracing.ts'

/** How long a send may take, in milliseconds; whoever waits for it is a customer, or holds the lock of a message. */
const sendTimeout = 5_000

const client = once(async () => {
  const { ServiceBusClient } = await import('@azure/service-bus')
  const { serviceBus } = config()
  const options = {
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 2_000, timeoutInMs: sendTimeout },
  }
  return 'address' in serviceBus
    ? new ServiceBusClient(serviceBus.address, await identity(), options)
    : new ServiceBusClient(serviceBus.connectionString, options)
})

const senders = new Map<string, ServiceBusSender>()

/**
 * Sends messages to a queue, each with the trace that this work belongs to unless it has one of its own (the property
 * `traceparent`); resolves when the broker has them.
 * @throws {ProblemError} 503 when it does not take them in time.
 */
export async function send(queue: string, messages: ServiceBusMessage | ServiceBusMessage[]): Promise<void> {
  try {
    await sendInSpan(queue, [messages].flat(), async (traced) => {
      let sender = senders.get(queue)
      if (!sender) {
        sender = (await client()).createSender(queue)
        senders.set(queue, sender)
      }
      await sender.sendMessages(traced, { abortSignal: AbortSignal.timeout(sendTimeout) })
    })
  } catch (error) {
    throw unavailable('The queue', error)
  }
}

/** What a receiver is lent out for: to look at messages, or to take some. */
type Receiving = 'peek' | 'receive'

/**
 * Lends out a receiver of a queue for a piece of work.
 * @throws {ProblemError} as the work does; 503 when the broker does not answer.
 */
export async function withReceiver<T>(
  queue: string,
  purpose: Receiving,
  work: (receiver: ServiceBusReceiver) => Promise<T>,
): Promise<T> {
  const attributes = queueAttributes(queue, purpose, 'receive')
  let receiver: ServiceBusReceiver | undefined
  try {
    return await inSpan(`${purpose} ${queue}`, { kind: SpanKind.CLIENT, attributes }, () =>
      timed(queue, purpose, async () => {
        receiver = (await client()).createReceiver(queue)
        return await work(receiver)
      }),
    )
  } catch (error) {
    // The SDK says in many ways that there is no broker: errors of its own, of sockets, and several in one.
    throw error instanceof ProblemError ? error : unavailable('The queue', error)
  } finally {
    await receiver?.close().catch(() => {})
  }
}
