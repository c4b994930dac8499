/**
 * Service Bus messages as trigger inputs: their bodies and the metadata that the real extension gives, with what is odd
 * about them in Azure. As seen under the real host, and as its public source has it (`GeneralScriptBindingProvider`,
 * `RpcMessageConversionExtensions`, `ApplyBindingData`).
 */
import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import type { Binding, TypedData } from '../rpc.ts'

/** A message that cannot be bound: the function is not called, and the message counts as failed. */
export class BindingError extends Error {
  override name = 'BindingError'
}

/**
 * The input of a function that takes one message: text, or bytes where it asks for them.
 * @throws {BindingError} when the body is neither.
 */
export function messageData(message: ServiceBusReceivedMessage, binding: Binding): TypedData {
  const body = bodyBytes(message)
  return isBinary(binding) ? { bytes: body } : { string: body.toString() }
}

/**
 * The input of a function that takes many: bytes; or texts, without those that are empty; or, where the function says
 * nothing, JSON objects.
 * @throws {BindingError} for the whole batch when one body is not of that kind.
 */
export function batchData(messages: ServiceBusReceivedMessage[], binding: Binding): TypedData {
  const bodies = messages.map(bodyBytes)
  if (isBinary(binding)) return { collectionBytes: { bytes: bodies } }
  const texts = bodies.map((body) => body.toString())
  if (binding.dataType === 'string') return { collectionString: { string: withoutEmpty(texts) } }
  return { json: `[${texts.map((text, at) => jsonObject(text, messages[at])).join(',')}]` }
}

const isBinary = ({ dataType }: Binding) => dataType === 'binary' || dataType === 'stream'

const withoutEmpty = (texts: unknown[]) =>
  texts.filter((text): text is string => typeof text === 'string' && text !== '')

/** Nothing becomes null; anything but an object is refused. */
function jsonObject(text: string, message: ServiceBusReceivedMessage | undefined): string {
  if (text.trim() === '') return 'null'
  const value = parse(text)
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new BindingError(
      `Message ${message?.messageId} is not a JSON object, which fails its whole batch. With dataType 'string' or 'binary' the function gets bodies of any kind.`,
    )
  }
  return text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The bytes of a data section, or the text of an AMQP value. */
function bodyBytes(message: ServiceBusReceivedMessage): Buffer {
  const { body } = message
  const { bodyType } = message._rawAmqpMessage
  if (body instanceof Uint8Array) return Buffer.from(body)
  if (typeof body === 'string') return Buffer.from(body)
  if (bodyType !== 'value' && bodyType !== 'sequence')
    return Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body))
  throw new BindingError(
    `Message ${message.messageId} has an AMQP ${bodyType} as its body, which is not text: the extension binds data and text only.`,
  )
}

/** Kinds of properties by what becomes of many of them. */
const texts = [
  'DeadLetterSource',
  'LockToken',
  'MessageId',
  'ContentType',
  'ReplyTo',
  'To',
  'Subject',
  'Label',
  'CorrelationId',
  'SessionId',
  'ReplyToSessionId',
  'PartitionKey',
  'TransactionPartitionKey',
]

/** The properties of a message, under the names of the extension. */
function properties(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const subject = message.subject
  const application = message.applicationProperties ?? {}
  return {
    // AMQP counts earlier deliveries; the extension, as .NET does, counts this one too.
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    LockToken: message.lockToken,
    ExpiresAtUtc: withoutZone(message.expiresAtUtc),
    ExpiresAt: withOffset(message.expiresAtUtc),
    EnqueuedTimeUtc: withoutZone(message.enqueuedTimeUtc),
    EnqueuedTime: withOffset(message.enqueuedTimeUtc),
    MessageId: message.messageId === undefined ? undefined : String(message.messageId),
    ContentType: message.contentType,
    ReplyTo: message.replyTo,
    SequenceNumber: message.sequenceNumber,
    To: message.to,
    Subject: subject,
    Label: subject,
    CorrelationId: message.correlationId === undefined ? undefined : String(message.correlationId),
    ApplicationProperties: application,
    UserProperties: application,
    SessionId: message.sessionId,
    ReplyToSessionId: message.replyToSessionId,
    PartitionKey: message.partitionKey,
    TransactionPartitionKey: undefined,
  }
}

/** .NET writes a `DateTime` of no kind without a zone: JavaScript reads it as local time. */
const withoutZone = (time: Date | undefined) => time?.toISOString().slice(0, -1)

const withOffset = (time: Date | undefined) => time?.toISOString().replace('Z', '+00:00')

/**
 * Trigger metadata of one message; absent properties are left out. Where the function takes text, the top-level
 * properties of a body that is a JSON object come over it, arrays excepted: Azure does so, and a message can say
 * anything of itself.
 */
export function messageMetadata(
  message: ServiceBusReceivedMessage,
  binding: Binding,
): Record<string, TypedData> {
  const { SequenceNumber, ...rest } = properties(message)
  const metadata: Record<string, TypedData> = {}
  for (const [name, value] of Object.entries({
    ...rest,
    SequenceNumber: message.sequenceNumber?.toNumber(),
    DeadLetterReason: message.deadLetterReason,
    DeadLetterErrorDescription: message.deadLetterErrorDescription,
  })) {
    if (value !== undefined && value !== null) metadata[name] = typed(value)
  }
  if (!isBinary(binding)) applyBody(metadata, bodyBytes(message).toString())
  return metadata
}

function applyBody(metadata: Record<string, TypedData>, text: string): void {
  const body = parse(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return
  // The host's names do not know case: the first spelling stays.
  const spelling = new Map(Object.keys(metadata).map((name) => [name.toLowerCase(), name]))
  for (const [name, value] of Object.entries(body)) {
    if (value === null || Array.isArray(value)) continue
    const data = typeof value === 'object' ? { json: JSON.stringify(value) } : { string: dotNetText(value) }
    const key = spelling.get(name.toLowerCase()) ?? name
    Object.defineProperty(metadata, key, {
      value: data,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
}

/** Truth is written `True` in .NET. */
function dotNetText(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
}

/**
 * Trigger metadata of a batch: each property as an array, under its name with `Array` added. Arrays of text lack what is
 * empty, so that their places are not those of the messages.
 */
export function batchMetadata(messages: ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const all = messages.map(properties)
  const names = Object.keys(all[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = all.map((one) => one[name] ?? null)
      return [`${name}Array`, name === 'SequenceNumber' ? numbers(messages) : list(name, values)]
    }),
  )
}

function list(name: string, values: unknown[]): TypedData {
  if (texts.includes(name)) return { collectionString: { string: withoutEmpty(values) } }
  return { json: JSON.stringify(values) }
}

/** As the worker gets 64 bits: objects of two halves. */
function numbers(messages: ServiceBusReceivedMessage[]): TypedData {
  return {
    collectionSint64: {
      sint64: messages.map(({ sequenceNumber }) => ({
        low: sequenceNumber?.getLowBits() ?? 0,
        high: sequenceNumber?.getHighBits() ?? 0,
        unsigned: false,
      })),
    },
  }
}

function typed(value: unknown): TypedData {
  if (typeof value === 'string') return { string: value }
  if (typeof value === 'number' && Number.isInteger(value)) return { int: value }
  return { json: JSON.stringify(value) }
}
