import { config } from '../platform/config.ts'
import { adminOnly } from '../platform/http.ts'
import { allProducts } from '../products/catalogue.ts'
import { tuningDataset } from './tuningDataset.ts'

/** GET /api/ai/tuning/dataset */
export const getTuningDataset = adminOnly(async () => ({
  jsonBody: tuningDataset(await allProducts(), config().currency.code),
}))
