import type { Health } from '@store/contract'
import { config } from './config.ts'
import { open } from './http.ts'

/** GET /api/health: the app runs and its settings are right. */
export const health = open(async () => ({
  jsonBody: { status: 'ok', version: config().version } satisfies Health,
}))
