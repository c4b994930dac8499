/** Service Bus: one client a process and one sender a queue, made on first use. */
import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'

const client = once(async () => {
  const { ServiceBusClient } = await import('@azure/service-bus')
  const { serviceBus } = config()
  // A caller waits for the send: a broker that is away is noticed soon, and the republisher takes over.
  const options = {
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 2_000, timeoutInMs: 5_000 },
  }
  return 'address' in serviceBus
    ? new ServiceBusClient(serviceBus.address, await identity(), options)
    : new ServiceBusClient(serviceBus.connectionString, options)
})

const senders = new Map<string, ServiceBusSender>()

/**
 * Sends messages to a queue; resolves when the broker has them.
 * @throws the SDK's `ServiceBusError` when it does not take them.
 */
export async function send(queue: string, messages: ServiceBusMessage | ServiceBusMessage[]): Promise<void> {
  let sender = senders.get(queue)
  if (!sender) {
    sender = (await client()).createSender(queue)
    senders.set(queue, sender)
  }
  await sender.sendMessages(messages)
}
