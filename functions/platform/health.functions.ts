import type { Health } from '@store/contract'
import { config } from './config.ts'
import { untraced } from './http.ts'

/** GET /api/health: the app runs and its settings are right. */
export const health = untraced(async () => ({
  jsonBody: { status: 'ok', version: config().version } satisfies Health,
}))
