/** What the local Service Bus holds: counted by the broker itself, looked into by peeking. Nothing is taken out. */
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus'
import Long from 'long'
import { answerOf, HttpError } from '../http/errors.ts'
import { countQueues, type QueueCounts } from './queueCounts.ts'

/** Messages that are shown, characters of each that are, and messages that are looked at to count orders. */
const most = { shown: 50, characters: 20_000, counted: 1_000 }

type Which = 'queue' | 'deadLetter'

export interface PeekedMessage {
  sequenceNumber: string
  messageId: string
  state: string
  enqueuedAt: string | null
  /** When it comes, if it is put off. */
  dueAt: string | null
  deliveryCount: number
  /** Why it was dead-lettered. */
  reason: string | null
  description: string | null
  traceId: string | null
  /** As JSON where it is, else as text. */
  body: string
}

/** All of it answers with 503 while the broker does not. */
export class QueueReader {
  readonly #connection: string
  readonly #adminPort: string
  #client: Promise<ServiceBusClient> | undefined

  constructor(connection: string, adminPort: string) {
    this.#connection = connection
    this.#adminPort = adminPort
  }

  /** How many messages each queue holds. */
  async queues(): Promise<QueueCounts[]> {
    this.#check()
    return answerOf('The local Service Bus', countQueues(this.#connection, this.#adminPort))
  }

  /** The first of a queue's messages. @throws {HttpError} 404. */
  async messages(queue: string, which: Which = 'queue'): Promise<PeekedMessage[]> {
    if (!(await this.queues()).some(({ name }) => name === queue))
      throw new HttpError(404, `There is no queue "${queue}".`)
    return (await this.#peek(queue, which, most.shown)).map(shown)
  }

  /** The ids of the orders that messages tell of, and whether that is all of the queue. */
  async ordersIn(queue: string, which: Which = 'queue'): Promise<{ ids: Set<string>; areAll: boolean }> {
    const messages = await this.#peek(queue, which, most.counted)
    const ids = messages.flatMap(({ messageId, body }) => {
      const { orderId } = (dataOf(body) ?? {}) as { orderId?: unknown }
      return typeof orderId === 'string' ? [orderId, String(messageId)] : [String(messageId)]
    })
    return { ids: new Set(ids), areAll: messages.length < most.counted }
  }

  #peek(queue: string, which: Which, count: number): Promise<ServiceBusReceivedMessage[]> {
    return answerOf(
      'The local Service Bus',
      this.#open().then((client) => peek(client, queue, which, count)),
    )
  }

  async #open(): Promise<ServiceBusClient> {
    this.#check()
    this.#client ??= import('@azure/service-bus').then(
      ({ ServiceBusClient }) =>
        new ServiceBusClient(this.#connection, { retryOptions: { maxRetries: 1, timeoutInMs: 5_000 } }),
    )
    return this.#client
  }

  #check(): void {
    if (!/^Endpoint=sb:\/\/localhost[:;]/.test(this.#connection))
      throw new HttpError(503, 'The app uses another Service Bus than the one of the local cloud.')
  }
}

async function peek(client: ServiceBusClient, queue: string, which: Which, count: number) {
  const receiver = client.createReceiver(queue, which === 'deadLetter' ? { subQueueType: 'deadLetter' } : {})
  try {
    const messages: ServiceBusReceivedMessage[] = []
    // Left alone, the SDK goes on where the last look ended, also that of another receiver of the queue.
    let next = Long.ONE
    while (messages.length < count) {
      // A broker need not answer with as many as it is asked for.
      const page = await receiver.peekMessages(count - messages.length, { fromSequenceNumber: next })
      const last = page.at(-1)?.sequenceNumber
      if (!last) break
      messages.push(...page)
      next = last.add(1)
    }
    return messages
  } finally {
    await receiver.close()
  }
}

function shown({
  applicationProperties: properties = {},
  body,
  ...message
}: ServiceBusReceivedMessage): PeekedMessage {
  const data = dataOf(body)
  const text = typeof data === 'string' ? data : (JSON.stringify(data, undefined, 2) ?? '')
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId: String(message.messageId ?? ''),
    state: message.state,
    enqueuedAt: message.enqueuedTimeUtc?.toISOString() ?? null,
    dueAt: message.state === 'scheduled' ? (message.scheduledEnqueueTimeUtc?.toISOString() ?? null) : null,
    deliveryCount: message.deliveryCount ?? 0,
    reason: textOf(message.deadLetterReason ?? properties.DeadLetterReason),
    description: textOf(message.deadLetterErrorDescription ?? properties.DeadLetterErrorDescription),
    traceId: /^00-([0-9a-f]{32})-/.exec(String(properties.traceparent ?? ''))?.[1] ?? null,
    body: text.length > most.characters ? `${text.slice(0, most.characters)} …` : text,
  }
}

const textOf = (value: unknown) => (typeof value === 'string' && value ? value : null)

/** The SDK reads what is JSON, also of bytes; the rest comes as bytes. */
const dataOf = (body: unknown): unknown => (body instanceof Uint8Array ? Buffer.from(body).toString() : body)
