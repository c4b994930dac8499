/** Service Bus: one client a process and one sender a queue, made on first use. */
import type { ServiceBusMessage, ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { ProblemError, unavailable } from './problem.ts'
import { traceparent } from './trace.ts'

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
 * Sends messages to a queue, each with the trace that this work belongs to unless it has one of its own; resolves when
 * the broker has them.
 * @throws {ProblemError} 503 when it does not take them in time.
 */
export async function send(queue: string, messages: ServiceBusMessage | ServiceBusMessage[]): Promise<void> {
  try {
    let sender = senders.get(queue)
    if (!sender) {
      sender = (await client()).createSender(queue)
      senders.set(queue, sender)
    }
    await sender.sendMessages([messages].flat().map(traced), {
      abortSignal: AbortSignal.timeout(sendTimeout),
    })
  } catch (error) {
    throw unavailable('The queue', error)
  }
}

/** `Diagnostic-Id` is where Azure's SDKs and the Functions host look for the trace of a message. */
function traced(message: ServiceBusMessage): ServiceBusMessage {
  const trace = message.applicationProperties?.traceparent ?? traceparent()
  if (typeof trace !== 'string') return message
  return {
    ...message,
    applicationProperties: { ...message.applicationProperties, traceparent: trace, 'Diagnostic-Id': trace },
  }
}

/**
 * Lends out a receiver of a queue for a piece of work.
 * @throws {ProblemError} as the work does; 503 when the broker does not answer.
 */
export async function withReceiver<T>(
  queue: string,
  work: (receiver: ServiceBusReceiver) => Promise<T>,
): Promise<T> {
  let receiver: ServiceBusReceiver | undefined
  try {
    receiver = (await client()).createReceiver(queue)
    return await work(receiver)
  } catch (error) {
    // The SDK says in many ways that there is no broker: errors of its own, of sockets, and several in one.
    throw error instanceof ProblemError ? error : unavailable('The queue', error)
  } finally {
    await receiver?.close().catch(() => {})
  }
}
