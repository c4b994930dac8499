/** What can go wrong with a provider, as problems that a client is told of. */
import { ProblemError } from '../platform/problem.ts'
import { secondsToWait } from './retryAfter.ts'
import { meaningOf, type Refusal } from './sdk.ts'

/** 404: no model for this is configured. */
export const notSetUp = (what: string) => new ProblemError(404, `${what} is not set up here.`)

/** 422: the provider's safety check refuses what was asked for, or what came of it. */
export const refused = () =>
  new ProblemError(422, 'The AI provider’s safety check refuses this. Describe the product in other words.')

/** 502: the provider answered, but not with what was asked for. */
export const unusable = (what: string) => new ProblemError(502, `The AI provider ${what}.`)

/** Why a call may have to stop early. */
export interface Stops {
  /** Aborted when the one who asked is gone. */
  caller: AbortSignal
  /** Aborted when the time for the answer is over. */
  deadline: AbortSignal
}

/**
 * The problem behind an error of the SDK: 422 refused by the safety check, 504 too slow, 503 busy or out of reach,
 * 502 anything else that the provider says. Its cause, which is logged, holds codes and never what was asked or
 * answered: providers like to quote that in their messages.
 */
export async function problemOf(error: unknown, { caller, deadline }: Stops): Promise<unknown> {
  if (error instanceof ProblemError) return error
  if (caller.aborted) return new ProblemError(499, 'The one who asked did not wait for the answer.')
  if (deadline.aborted) return tooSlow()
  const meaning = await meaningOf(error)
  switch (meaning?.kind) {
    case 'slow':
      return tooSlow()
    case 'away':
      return outOfReach(meaning.error)
    case 'refusal':
      return answered(meaning.answer)
    case 'ours':
      return meaning.cause instanceof ProblemError ? meaning.cause : error
    default:
      return error
  }
}

const tooSlow = () => new ProblemError(504, 'The AI provider takes too long to answer.', { retryAfter: 10 })

function outOfReach(error: Error) {
  const cause = error.cause as { code?: unknown; cause?: { code?: unknown } } | undefined
  const code = cause?.code ?? cause?.cause?.code ?? error.name
  return new ProblemError(503, 'The AI provider is out of reach at the moment.', {
    retryAfter: 10,
    cause: { code },
  })
}

const safetyCodes =
  /content_?filter|content_policy_violation|moderation_blocked|ResponsibleAIPolicyViolation/i

function answered({ status, code, type, param, requestID, headers, error }: Refusal) {
  const inner = (error as { innererror?: { code?: unknown } } | undefined)?.innererror?.code
  if (safetyCodes.test(`${code} ${inner}`)) return refused()
  const cause = { status, code, type, param, requestID }
  if (status === 429) {
    const seconds = headers && secondsToWait(headers)
    const retryAfter = Math.min(Math.max(Math.ceil(seconds ?? 10), 1), 120)
    return new ProblemError(503, 'The AI provider is busy, or its quota is used up.', { retryAfter, cause })
  }
  if (status === 401 || status === 403) {
    return new ProblemError(502, 'The AI provider does not accept the app’s credentials.', { cause })
  }
  if (status === 404) {
    return new ProblemError(502, 'The AI provider does not have the model that the settings name.', { cause })
  }
  if (status !== undefined && status < 500) {
    return new ProblemError(502, 'The AI provider does not accept the app’s request.', { cause })
  }
  return new ProblemError(502, 'The AI provider has a fault of its own.', { retryAfter: 10, cause })
}
