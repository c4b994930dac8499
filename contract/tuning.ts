import * as z from 'zod'

/** GET /api/ai/tuning/dataset: questions about the products with their answers, as chat models are tuned with them. */
export const TuningDataset = z.array(
  z.object({
    messages: z.tuple([
      z.object({ role: z.literal('user'), content: z.string() }),
      z.object({ role: z.literal('assistant'), content: z.string() }),
    ]),
  }),
)
export type TuningDataset = z.infer<typeof TuningDataset>
