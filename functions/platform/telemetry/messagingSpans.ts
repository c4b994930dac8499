/** Messages that are sent, and what is done with those that wait, as spans by the conventions for messaging. */
import type { ServiceBusMessage } from '@azure/service-bus'
import { type Attributes, type Context, context, SpanKind, trace } from '@opentelemetry/api'
import { messagingDuration, sentMessages } from './instruments.ts'
import { beginSpan, contextOf, errorType, inSpan, isSameTrace, traceparent } from './tracing.ts'

/** What metrics say of an operation on a queue. */
export const queueLabels = (queue: string, name: string, fault?: string): Attributes => ({
  'messaging.system.name': 'azure.servicebus',
  'messaging.destination.name': queue,
  'messaging.operation.name': name,
  ...(fault && { 'error.type': fault }),
})

/** What spans say of an operation on a queue. */
export const queueAttributes = (queue: string, name: string, type: string): Attributes => ({
  ...queueLabels(queue, name),
  // Deprecated, and the only one that some views of messages know yet.
  'messaging.system': 'servicebus',
  'messaging.operation.type': type,
})

/**
 * Sends messages as a span, whose trace each of them carries. A message that has a trace of its own (`traceparent` of its
 * properties: an order's that is published again, say) stays in that one, and its span is linked to the work that sends it.
 */
export async function sendInSpan(
  queue: string,
  messages: ServiceBusMessage[],
  send: (messages: ServiceBusMessage[]) => Promise<void>,
): Promise<void> {
  const own = messages.map(({ applicationProperties }) => contextOf(applicationProperties?.traceparent))
  const [only] = messages
  const ids =
    messages.length === 1 && only ? idOf(only) : { 'messaging.batch.message_count': messages.length }
  const attributes = { ...queueAttributes(queue, 'send', 'send'), ...ids }
  const name = `send ${queue}`
  const sendCounted = (traced: ServiceBusMessage[]) =>
    timed(
      queue,
      'send',
      () => send(traced),
      (labels) => sentMessages(labels, traced.length),
    )
  if (messages.length > 1 && own.some(Boolean)) {
    // Each message is made in its own trace; the sending of all of them belongs to none of these.
    const made = messages.map((message, at) => create(queue, message, own[at]))
    const links = made.map(({ created }) => created)
    await inSpan(name, { kind: SpanKind.CLIENT, attributes, links }, () =>
      sendCounted(made.map(({ message }) => message)),
    )
    return
  }
  const active = context.active()
  const [parent] = own
  const links = parent && !isSameTrace(parent, active) ? [active] : []
  await inSpan(name, { kind: SpanKind.PRODUCER, attributes, links, parent }, () =>
    sendCounted(messages.map((message) => carrying(message, traceparent()))),
  )
}

/**
 * Runs an operation on a queue, and counts how long it took.
 * @param count counts more of it, once it is known how it ended.
 */
export async function timed<T>(
  queue: string,
  operation: string,
  work: () => Promise<T>,
  count: (labels: Attributes) => void = () => {},
): Promise<T> {
  const begin = performance.now()
  let fault: string | undefined
  try {
    return await work()
  } catch (error) {
    fault = errorType(error)
    throw error
  } finally {
    const labels = queueLabels(queue, operation, fault)
    messagingDuration((performance.now() - begin) / 1_000, labels)
    count(labels)
  }
}

function create(queue: string, message: ServiceBusMessage, own: Context | undefined) {
  const active = context.active()
  const parent = own ?? active
  const span = beginSpan(`create ${queue}`, {
    kind: SpanKind.PRODUCER,
    attributes: { ...queueAttributes(queue, 'create', 'create'), ...idOf(message) },
    links: own && !isSameTrace(own, active) ? [active] : [],
    parent,
  })
  span.end()
  const created = trace.setSpan(parent, span)
  return { created, message: carrying(message, traceparent(created)) }
}

const idOf = ({ messageId }: ServiceBusMessage): Attributes =>
  messageId === undefined ? {} : { 'messaging.message.id': String(messageId) }

/** `Diagnostic-Id` is where Azure's SDKs and the Functions host look for the trace of a message. */
function carrying(message: ServiceBusMessage, trace: string | undefined): ServiceBusMessage {
  if (trace === undefined) return message
  return {
    ...message,
    applicationProperties: { ...message.applicationProperties, traceparent: trace, 'Diagnostic-Id': trace },
  }
}
