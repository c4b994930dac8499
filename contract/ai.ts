import * as z from 'zod'
import { limits } from './limits.ts'

/** What the configured models can make. */
export const AiCapability = z.enum(['description', 'image'])
export type AiCapability = z.infer<typeof AiCapability>

/** GET /api/ai/health. */
export const AiHealth = z.object({
  status: z.literal('ok'),
  version: z.string(),
  capabilities: z.array(AiCapability),
})
export type AiHealth = z.infer<typeof AiHealth>

/** GET /api/ai/capabilities: what AiHealth says, and an empty list rather than an error where there is no AI. */
export const AiCapabilities = AiHealth.pick({ capabilities: true })
export type AiCapabilities = z.infer<typeof AiCapabilities>

/**
 * POST /api/ai/generate/description. With `Accept: text/event-stream` the answer is a stream of events:
 * `data: {"delta"}` as the text grows, then `event: done` with `data: {"description"}`, or `event: error` with a problem document.
 */
export const DescriptionRequest = z.object({
  name: z.string().trim().min(1, 'must not be blank').max(limits.productName),
  /** Blank ones are accepted, for the demo's form sends them, and count for nothing. */
  tags: z.array(z.string().trim().max(100)).max(50),
})
export type DescriptionRequest = z.infer<typeof DescriptionRequest>

export const DescriptionAnswer = z.object({ description: z.string() })
export type DescriptionAnswer = z.infer<typeof DescriptionAnswer>

/** POST /api/ai/generate/image. */
export const ImageRequest = z.object({
  name: z.string().trim().min(1, 'must not be blank').max(limits.productName),
  description: z.string().trim().max(limits.productDescription),
  /** "url", unless given: the picture is kept by the store; "data": it is not, and comes as a data URL. */
  format: z.enum(['url', 'data']).optional(),
})
export type ImageRequest = z.infer<typeof ImageRequest>

/** `image` is a path on the store's API, or a data URL where that was asked for. */
export const ImageAnswer = z.object({ image: z.string() })
export type ImageAnswer = z.infer<typeof ImageAnswer>
