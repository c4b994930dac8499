import * as z from 'zod'

const count = z.int().min(0)

/** GET /api/makeline/queue: how many messages the queue of orders holds; each is counted up to `limits.queueDepth`. */
export const QueueDepth = z.object({ active: count, deadLettered: count, scheduled: count })
export type QueueDepth = z.infer<typeof QueueDepth>

/**
 * A message that the makeline could not process. `orderId` is null when the body did not name an order.
 * `sequenceNumber` is a 64-bit integer, hence a string.
 */
export const DeadLetter = z.object({
  sequenceNumber: z.string().regex(/^\d{1,20}$/),
  messageId: z.string(),
  orderId: z.string().nullable(),
  reason: z.string(),
  description: z.string(),
  enqueuedAt: z.iso.datetime(),
  deliveryCount: count,
})
export type DeadLetter = z.infer<typeof DeadLetter>

/**
 * GET /api/makeline/dead-letters/{sequenceNumber}: a dead letter with what it says, for an employee to decide on.
 * `body` is its text, JSON or not, cut at `limits.deadLetterBody` characters.
 */
export const DeadLetterDetail = DeadLetter.extend({
  body: z.string(),
  applicationProperties: z.record(z.string(), z.string()),
})
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>

/** GET /api/makeline/dead-letters, the oldest first. */
export const DeadLetters = z.object({ deadLetters: z.array(DeadLetter) })
export type DeadLetters = z.infer<typeof DeadLetters>
