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

/**
 * POST /api/ai/generate/description. With `Accept: text/event-stream` the answer is a stream of events:
 * `data: {"delta"}` as the text grows, then `event: done` with `data: {"description"}`, or `event: error` with a problem document.
 */
export const DescriptionRequest = z.object({
  name: z.string().trim().min(1, 'must not be blank').max(limits.productName),
  tags: z.array(z.string().trim().min(1).max(100)).max(50),
})
export type DescriptionRequest = z.infer<typeof DescriptionRequest>

export const DescriptionAnswer = z.object({ description: z.string() })
export type DescriptionAnswer = z.infer<typeof DescriptionAnswer>

/** POST /api/ai/generate/image. */
export const ImageRequest = z.object({
  name: z.string().trim().min(1, 'must not be blank').max(limits.productName),
  description: z.string().trim().max(limits.productDescription),
})
export type ImageRequest = z.infer<typeof ImageRequest>

/** `image` is a URL or a data URL. */
export const ImageAnswer = z.object({ image: z.string() })
export type ImageAnswer = z.infer<typeof ImageAnswer>
