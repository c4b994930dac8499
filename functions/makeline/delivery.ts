/**
 * Messages of a queue as Azure's trigger hands them over, read with care: what an employee needs in order to see what is
 * wrong with a message must not depend on the message being right. Bytes are asked for, since what Azure makes of text
 * loses messages (docs/orders.md; Azure/azure-functions-host: `RpcMessageConversionExtensions.cs`, `ApplyBindingData`).
 */
import type { InvocationContext } from '@azure/functions'

/** A message of the queue `orders` as the trigger got it. */
export interface Delivery {
  /** The parsed body; its text where it is not JSON. */
  body: unknown
  /** The body as it was sent. */
  bytes: Uint8Array
  messageId: string
  /** 1 for the message of the order's placing, 2 for its first copy, and so on. */
  attempt: number
  /** How often the broker handed out this very message. */
  deliveryCount: number
  /** When the order's first message was enqueued, ISO 8601. */
  enqueuedAt: string
  /** W3C trace of the click that the message comes from. */
  traceparent: string | undefined
  deadLetterReason: string | undefined
  deadLetterErrorDescription: string | undefined
}

/** What the host tells of a message; any of it may be missing, or be something else. */
interface Metadata {
  messageId?: unknown
  deliveryCount?: unknown
  enqueuedTimeUtc?: unknown
  deadLetterReason?: unknown
  deadLetterErrorDescription?: unknown
  /** Every name begins with a small letter, even where the sender's does not. */
  applicationProperties?: unknown
}

/** A single message. */
export function deliveryOf(body: unknown, { triggerMetadata, invocationId }: InvocationContext): Delivery {
  return read(body, triggerMetadata ?? {}, invocationId)
}

/** The messages of a batch, of which the host tells by property: `messageIdArray`, and so on. */
export function deliveriesOf(
  bodies: readonly unknown[],
  { triggerMetadata, invocationId }: InvocationContext,
): Delivery[] {
  // Of texts the host leaves out what is empty; an array that is short says nothing of any message for sure.
  const column = (name: string) => {
    const values = triggerMetadata?.[`${name}Array`]
    return Array.isArray(values) && values.length === bodies.length ? values : []
  }
  const [ids, counts, times, properties] = [
    column('messageId'),
    column('deliveryCount'),
    column('enqueuedTimeUtc'),
    column('applicationProperties'),
  ]
  return bodies.map((body, at) =>
    read(
      body,
      {
        messageId: ids[at],
        deliveryCount: counts[at],
        enqueuedTimeUtc: times[at],
        applicationProperties: properties[at],
      },
      `${invocationId}-${at}`,
    ),
  )
}

function read(body: unknown, metadata: Metadata, fallbackId: string): Delivery {
  const { applicationProperties } = metadata
  const properties = (
    applicationProperties && typeof applicationProperties === 'object' ? applicationProperties : {}
  ) as Record<string, unknown>
  const bytes = body instanceof Uint8Array ? body : Buffer.from(textOf(body) ?? '')
  return {
    body: parse(bytes),
    bytes,
    messageId: textOf(metadata.messageId) || fallbackId,
    attempt: countOf(properties.attempt) ?? 1,
    deliveryCount: countOf(metadata.deliveryCount) ?? 1,
    enqueuedAt: timeOf(properties.enqueuedat) ?? timeOf(metadata.enqueuedTimeUtc) ?? new Date().toISOString(),
    traceparent: typeof properties.traceparent === 'string' ? properties.traceparent : undefined,
    deadLetterReason: textOf(properties.deadLetterReason ?? metadata.deadLetterReason),
    deadLetterErrorDescription: textOf(
      properties.deadLetterErrorDescription ?? metadata.deadLetterErrorDescription,
    ),
  }
}

function parse(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The programming model reads every text as JSON where it can: an id of digits arrives as a number. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A whole number of 1 or more. */
export function countOf(value: unknown): number | undefined {
  const count = Number(value)
  return Number.isSafeInteger(count) && count >= 1 ? count : undefined
}

/** A time as ISO 8601 with its `Z`. Azure leaves the zone out, and JavaScript would read local time. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof Date)) return undefined
  const withoutZone = typeof value === 'string' && /T[\d:.]+$/.test(value)
  const time = new Date(withoutZone ? `${value}Z` : value)
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString()
}
