import * as z from 'zod'

/** GET /api/health. */
export const Health = z.object({ status: z.literal('ok'), version: z.string() })
export type Health = z.infer<typeof Health>
