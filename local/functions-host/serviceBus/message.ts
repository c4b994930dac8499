/** Service Bus messages as trigger inputs: their bodies and the metadata that the real extension gives. */
import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import type { Binding, TypedData } from '../rpc.ts'

/** The input of a function that takes one message. */
export function messageData(message: ServiceBusReceivedMessage, binding: Binding): TypedData {
  const body = bodyBytes(message)
  return binding.dataType === 'binary' ? { bytes: body } : { string: body.toString() }
}

/** The input of a function that takes many. */
export function batchData(messages: ServiceBusReceivedMessage[], binding: Binding): TypedData {
  const bodies = messages.map(bodyBytes)
  return binding.dataType === 'binary'
    ? { collectionBytes: { bytes: bodies } }
    : { collectionString: { string: bodies.map((body) => body.toString()) } }
}

/** Bytes of a data section; for the other kinds of AMQP body their JSON text. */
function bodyBytes({ body }: ServiceBusReceivedMessage): Buffer {
  if (body instanceof Uint8Array) return Buffer.from(body)
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body))
}

/** The properties of a message, under the names of the extension. */
function properties(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const subject = message.subject
  const application = message.applicationProperties ?? {}
  return {
    // AMQP counts earlier deliveries; the extension, as .NET does, counts this one too.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    DeadLetterReason: message.deadLetterReason,
    DeadLetterErrorDescription: message.deadLetterErrorDescription,
    LockToken: message.lockToken,
    ExpiresAtUtc: message.expiresAtUtc,
    ExpiresAt: message.expiresAtUtc,
    EnqueuedTimeUtc: message.enqueuedTimeUtc,
    EnqueuedTime: message.enqueuedTimeUtc,
    MessageId: message.messageId,
    ContentType: message.contentType,
    ReplyTo: message.replyTo,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    To: message.to,
    Subject: subject,
    Label: subject,
    CorrelationId: message.correlationId,
    ApplicationProperties: application,
    UserProperties: application,
    SessionId: message.sessionId,
    ReplyToSessionId: message.replyToSessionId,
    PartitionKey: message.partitionKey,
  }
}

/** Trigger metadata of one message; absent properties are left out. */
export function messageMetadata(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {}
  for (const [name, value] of Object.entries(properties(message))) {
    if (value !== undefined && value !== null) metadata[name] = typed(value)
  }
  return metadata
}

/** Trigger metadata of a batch: each property as an array, under its name with `Array` added. */
export function batchMetadata(messages: ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const all = messages.map(properties)
  const names = Object.keys(all[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [`${name}Array`, { json: JSON.stringify(all.map((one) => one[name] ?? null)) }]),
  )
}

function typed(value: unknown): TypedData {
  if (typeof value === 'string') return { string: value }
  if (typeof value === 'number' && Number.isInteger(value)) return { int: value }
  return { json: JSON.stringify(value) }
}
