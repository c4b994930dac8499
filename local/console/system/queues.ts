/** What the local Service Bus holds: counted by the broker itself, looked into by peeking. Nothing is taken out. */
import type { ServiceBusClient } from '@azure/service-bus'
import Long from 'long'
import { HttpError } from '../http/errors.ts'
import { countQueues, type QueueCounts } from './queueCounts.ts'

/** Messages that are shown, and that are looked at to count orders. */
const most = { shown: 50, counted: 1_000 }

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
  body: unknown
}

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
    return countQueues(this.#connection, this.#adminPort)
  }

  async messages(
    queue: string,
    which: 'queue' | 'deadLetter' = 'queue',
    count = most.shown,
  ): Promise<PeekedMessage[]> {
    const client = await this.#open()
    if (!(await this.queues()).some(({ name }) => name === queue))
      throw new HttpError(404, `There is no queue "${queue}".`)
    const receiver = client.createReceiver(
      queue,
      which === 'deadLetter' ? { subQueueType: 'deadLetter' } : {},
    )
    try {
      // Without it the SDK goes on where the last look ended, also that of another receiver of the queue.
      const messages = await receiver.peekMessages(count, { fromSequenceNumber: Long.ONE })
      return messages.map(({ applicationProperties: properties = {}, ...message }) => ({
        sequenceNumber: String(message.sequenceNumber),
        messageId: String(message.messageId ?? ''),
        state: message.state,
        enqueuedAt: message.enqueuedTimeUtc?.toISOString() ?? null,
        dueAt:
          message.state === 'scheduled' ? (message.scheduledEnqueueTimeUtc?.toISOString() ?? null) : null,
        deliveryCount: message.deliveryCount ?? 0,
        reason: textOf(message.deadLetterReason ?? properties.DeadLetterReason),
        description: textOf(message.deadLetterErrorDescription ?? properties.DeadLetterErrorDescription),
        traceId: /^00-([0-9a-f]{32})-/.exec(String(properties.traceparent ?? ''))?.[1] ?? null,
        body: readable(message.body),
      }))
    } finally {
      await receiver.close()
    }
  }

  /** The ids of the orders that messages tell of. */
  async ordersIn(queue: string, which: 'queue' | 'deadLetter' = 'queue'): Promise<string[]> {
    return (await this.messages(queue, which, most.counted)).flatMap(({ messageId, body }) => {
      const { orderId } = (body ?? {}) as { orderId?: unknown }
      return typeof orderId === 'string' ? [orderId, messageId] : [messageId]
    })
  }

  #open(): Promise<ServiceBusClient> {
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

const textOf = (value: unknown) => (typeof value === 'string' && value ? value : null)

/** Bodies that are no JSON come as bytes. */
const readable = (body: unknown) => (body instanceof Uint8Array ? Buffer.from(body).toString() : body)
