import {
  type AiCapabilities,
  type AiHealth,
  DescriptionRequest,
  type ImageAnswer,
  ImageRequest,
} from '@store/contract'
import { config } from '../platform/config.ts'
import { disconnected } from '../platform/disconnect.ts'
import { adminOnly, open, readBody } from '../platform/http.ts'
import { ProblemError } from '../platform/problem.ts'
import { type CallLimit, callLimit } from './callLimit.ts'
import { drawImage } from './drawImage.ts'
import { streamEvents } from './eventStream.ts'
import { notSetUp } from './failures.ts'
import { aiSettings, capabilitiesOf } from './settings.ts'
import { writeDescription } from './writeDescription.ts'

let limit: CallLimit | undefined

/** @throws {ProblemError} 404 where no model is configured; 429 when the user, or all together, called too often. */
function takeCall(user: string) {
  const ai = aiSettings()
  if (!ai) throw notSetUp('AI')
  limit ??= callLimit(ai.callsPerMinute)
  const retryAfter = limit.take(user)
  if (retryAfter) {
    throw new ProblemError(429, `Too many calls; there is room again in ${retryAfter} s.`, { retryAfter })
  }
}

/** GET /api/ai/health: 404 where no model is configured, so that a client knows to do without. */
export const aiHealth = open(async () => {
  const capabilities = capabilitiesOf(aiSettings())
  if (!capabilities.length) throw notSetUp('AI')
  return { jsonBody: { status: 'ok', version: config().version, capabilities } satisfies AiHealth }
})

/** GET /api/ai/capabilities: the same answer without the error, which a browser would write to its console. */
export const aiCapabilities = open(async () => ({
  jsonBody: { capabilities: capabilitiesOf(aiSettings()) } satisfies AiCapabilities,
}))

/** POST /api/ai/generate/description: JSON, or server-sent events while the text is written where they are accepted. */
export const generateDescription = adminOnly(async (request, context, user) => {
  const product = await readBody(request, DescriptionRequest)
  takeCall(user.id)
  const stop = new AbortController()
  const caller = AbortSignal.any([stop.signal, disconnected(context.invocationId)])
  const writing = writeDescription(product, caller)
  // Until the first piece is there, whatever fails still has a status of its own.
  let step = await writing.next()
  if (request.headers.get('accept')?.includes('text/event-stream')) return streamEvents(step, writing, stop)
  while (!step.done) step = await writing.next()
  return { jsonBody: { description: step.value } }
})

/** POST /api/ai/generate/image */
export const generateImage = adminOnly(async (request, context, user) => {
  const product = await readBody(request, ImageRequest)
  takeCall(user.id)
  const image = await drawImage(product, disconnected(context.invocationId))
  return { jsonBody: { image } satisfies ImageAnswer }
})
