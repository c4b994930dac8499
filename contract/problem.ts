import * as z from 'zod'

/**
 * A problem document (RFC 9457), media type `application/problem+json`: what every error answer of the API is.
 * `errors` names the fields at fault by JSON pointer.
 */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type Problem = z.infer<typeof Problem>
