/** Service Bus output bindings: what a function returns or sets becomes one message, or one for each array element. */
import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus'
import type { HostFunction } from '../functions.ts'
import type { OutputWriter } from '../invoke.ts'
import type { Binding, TypedData } from '../rpc.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import type { ServiceBusClients } from './connection.ts'

/** @throws {HostStartError} when the connection or the name of the queue cannot be resolved. */
export function createServiceBusOutput(
  fn: HostFunction,
  binding: Binding,
  { settings, clients }: { settings: Settings; clients: ServiceBusClients },
): OutputWriter {
  const property = binding.queueName === undefined ? 'topicName' : 'queueName'
  const target = resolveSettings(String(binding[property] ?? ''), settings, `Function "${fn.name}", output`)
  const connection = String(binding.connection ?? '')
  clients.check(connection, fn.name)
  let sender: Promise<ServiceBusSender> | undefined
  return async (data) => {
    sender ??= clients.open(connection).then((client) => client.createSender(target))
    await sendAll(await sender, toMessages(data))
  }
}

/** Sends messages in as few batches as hold them; the real host sends each by itself. */
async function sendAll(sender: ServiceBusSender, messages: ServiceBusMessage[]): Promise<void> {
  const [first, ...others] = messages
  if (!first) return
  if (others.length === 0) return sender.sendMessages(first)
  let batch = await sender.createMessageBatch()
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue
    if (batch.count > 0) await sender.sendMessages(batch)
    batch = await sender.createMessageBatch()
    // Too large for any batch: the broker shall say whether it is too large for a message.
    if (!batch.tryAddMessage(message)) await sender.sendMessages(message)
  }
  if (batch.count > 0) await sender.sendMessages(batch)
}

function toMessages(data: TypedData): ServiceBusMessage[] {
  if (data.json !== undefined) {
    const value: unknown = JSON.parse(data.json)
    return Array.isArray(value) ? value.map(toMessage) : [toMessage(value)]
  }
  if (data.bytes) return [{ body: Buffer.from(data.bytes), contentType: 'application/octet-stream' }]
  return [toMessage(data.string ?? data.int ?? data.double)]
}

function toMessage(value: unknown): ServiceBusMessage {
  if (typeof value === 'string') return { body: Buffer.from(value), contentType: 'text/plain' }
  return { body: Buffer.from(JSON.stringify(value)), contentType: 'application/json' }
}
