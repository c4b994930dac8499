/** Dead letters, messages that could not be processed: kept with the reason, shown, resubmitted, discarded. */
import type { ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import { type DeadLetter, type DeadLetterDetail, limits, OrderMessage } from '@store/contract'
import Long from 'long'
import { conflict, notFound } from '../platform/problem.ts'
import { send, withReceiver } from '../platform/serviceBus.ts'
import { countOf, type Delivery, timeOf } from './delivery.ts'
import { countDeadLetter } from './messageMetrics.ts'
import { failedQueue, look, ordersQueue } from './queues.ts'

/**
 * The most of a body that is copied, in bytes. A message holds 256 KB with all that the copy says beside it: one that
 * the broker never takes would come back for ever, and with it the good orders of its batch.
 */
const mostBytes = 240 * 1024

/** Puts a copy of a message aside for an employee. */
export async function reject(delivery: Delivery, reason: string, description: string): Promise<void> {
  const { bytes } = delivery
  const cut = bytes.byteLength > mostBytes ? ` (Cut: the message had ${bytes.byteLength} bytes.)` : ''
  await send(failedQueue(), {
    // As many characters as Azure takes of an id.
    messageId: delivery.messageId.slice(0, 128),
    // As it was sent: an employee is to see that, and not what could be read of it.
    body: Buffer.from(bytes.subarray(0, mostBytes)),
    applicationProperties: {
      DeadLetterReason: reason.slice(0, 200),
      DeadLetterErrorDescription: description.slice(0, 1_000) + cut,
      enqueuedat: delivery.enqueuedAt,
      deliverycount: Math.max(delivery.deliveryCount, delivery.attempt),
    },
  })
  countDeadLetter(reason)
}

/** The oldest dead letters, at most `limits.queueDepth`. */
export async function listDeadLetters(): Promise<DeadLetter[]> {
  return (await look(failedQueue())).map(describe)
}

/**
 * A dead letter with what it says.
 * @throws {ProblemError} 404 no such dead letter.
 */
export async function readDeadLetter(sequenceNumber: string): Promise<DeadLetterDetail> {
  const message = await withReceiver(failedQueue(), 'peek', (receiver) => find(receiver, sequenceNumber))
  const { body, applicationProperties = {} } = message
  return {
    ...describe(message),
    body: textOf(body).slice(0, limits.deadLetterBody),
    applicationProperties: Object.fromEntries(
      Object.entries(applicationProperties).map(([name, value]) => [name, String(value)]),
    ),
  }
}

/**
 * Puts a dead letter back into the queue as a new message, in the trace of the click that it comes from.
 * @throws {ProblemError} 404 no such dead letter; 409 someone else is at it.
 */
export async function resubmit(sequenceNumber: string): Promise<void> {
  await withReceiver(failedQueue(), 'receive', async (receiver) => {
    const message = await take(receiver, sequenceNumber)
    const { messageId, applicationProperties } = message
    const traceparent = applicationProperties?.traceparent
    const copy: ServiceBusMessage = { body: asSent(message.body), contentType: 'application/json' }
    if (messageId !== undefined) copy.messageId = messageId
    if (traceparent !== undefined) copy.applicationProperties = { traceparent }
    try {
      await send(ordersQueue(), copy)
    } catch (error) {
      // It stays where it is, and whoever tries again need not wait for the end of its lock.
      await receiver.abandonMessage(message).catch(() => {})
      throw error
    }
    await receiver.completeMessage(message)
  })
}

/**
 * Throws a dead letter away.
 * @throws {ProblemError} 404 no such dead letter; 409 someone else is at it.
 */
export async function discard(sequenceNumber: string): Promise<void> {
  await withReceiver(failedQueue(), 'receive', async (receiver) => {
    await receiver.completeMessage(await take(receiver, sequenceNumber))
  })
}

/**
 * Takes one message out of the middle of a queue. A broker hands out its messages in order, but those set aside
 * ("deferred") by their number: so whatever stands before the one that is wanted is set aside, for good and harmlessly,
 * since this queue is only ever read by number.
 */
async function take(
  receiver: ServiceBusReceiver,
  sequenceNumber: string,
): Promise<ServiceBusReceivedMessage> {
  if (!/^\d{1,18}$/.test(sequenceNumber)) throw notFound('This dead letter')
  const wanted = await find(receiver, sequenceNumber)
  const number = wanted.sequenceNumber ?? Long.ZERO
  if (wanted.state !== 'deferred') {
    for (let found = false; !found; ) {
      const messages = await receiver.receiveMessages(50, { maxWaitTimeInMs: 1_000 })
      if (!messages.length) break
      await Promise.all(messages.map((message) => receiver.deferMessage(message)))
      found = messages.some((message) => message.sequenceNumber?.eq(number))
    }
  }
  const [taken] = await receiver.receiveDeferredMessages(number).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'MessageNotFound') return []
    throw error
  })
  if (!taken) throw conflict('Someone else is dealing with this dead letter.')
  return taken
}

/** A message by its number, looked at and not taken. */
async function find(
  receiver: ServiceBusReceiver,
  sequenceNumber: string,
): Promise<ServiceBusReceivedMessage> {
  if (!/^\d{1,19}$/.test(sequenceNumber)) throw notFound('This dead letter')
  const number = Long.fromString(sequenceNumber)
  const [message] = await receiver.peekMessages(1, { fromSequenceNumber: number })
  if (!message?.sequenceNumber?.eq(number)) throw notFound('This dead letter')
  return message
}

function describe(message: ServiceBusReceivedMessage): DeadLetter {
  const { body, messageId, enqueuedTimeUtc, deliveryCount, applicationProperties: properties = {} } = message
  const order = OrderMessage.safeParse(body)
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId: String(messageId ?? ''),
    orderId: order.success ? order.data.orderId : null,
    reason: String(properties.DeadLetterReason ?? 'Unknown'),
    description: String(properties.DeadLetterErrorDescription ?? ''),
    enqueuedAt: timeOf(properties.enqueuedat) ?? timeOf(enqueuedTimeUtc) ?? new Date(0).toISOString(),
    deliveryCount: countOf(properties.deliverycount) ?? countOf(deliveryCount) ?? 0,
  }
}

/** The SDK reads a body as JSON where it can. */
function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return JSON.stringify(body) ?? ''
}

/** The SDK writes a string as JSON, in quotes; bytes it leaves as they are. */
const asSent = (body: unknown) => (typeof body === 'string' ? Buffer.from(body) : body)
