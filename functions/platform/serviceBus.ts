/** Service Bus: one client a process and one sender a queue, made on first use. */
import type { ServiceBusMessage, ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus'
import { SpanKind } from '@opentelemetry/api'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { ProblemError, unavailable } from './problem.ts'
import { queueAttributes, sendInSpan, timed } from './telemetry/messagingSpans.ts'
import { inSpan } from './telemetry/tracing.ts'
import { together } from './together.ts'

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
    await sendInSpan(queue, [messages].flat(), (traced) => transmit(queue, traced))
  } catch (error) {
    throw unavailable('The queue', error)
  }
}

/**
 * Sends a small message, of at most about a kilobyte, as `send` does; those of one turn of the event loop reach the broker
 * in one batch, which is taken as a whole or not at all.
 * @throws {ProblemError} 503 when it does not take them in time.
 */
export async function sendTogether(queue: string, message: ServiceBusMessage): Promise<void> {
  let transmitTogether = batches.get(queue)
  if (!transmitTogether) {
    transmitTogether = together((messages) => transmit(queue, messages), mostTogether)
    batches.set(queue, transmitTogether)
  }
  const transmitOne = transmitTogether
  try {
    await sendInSpan(queue, [message], async ([traced]) => {
      if (traced) await transmitOne(traced)
    })
  } catch (error) {
    throw unavailable('The queue', error)
  }
}

/** Well below the 256 KB that a batch may have. */
const mostTogether = 100

const batches = new Map<string, (message: ServiceBusMessage) => Promise<void>>()

async function transmit(queue: string, messages: ServiceBusMessage[]): Promise<void> {
  let sender = senders.get(queue)
  if (!sender) {
    sender = (await client()).createSender(queue)
    senders.set(queue, sender)
  }
  const [only, ...more] = messages
  // Of an array the SDK makes a batch, also of one message, which is then encoded twice.
  await sender.sendMessages(only && !more.length ? only : messages, {
    abortSignal: AbortSignal.timeout(sendTimeout),
  })
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
