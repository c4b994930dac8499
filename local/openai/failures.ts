/** The ways in which the stand-in can be told to fail, as the real providers do. */
import type { ServerResponse } from 'node:http'

/** Before an answer begins. */
const early = {
  'rate-limit': { status: 429, code: 'rate_limit_exceeded', message: 'Too many requests.' },
  'server-error': { status: 500, code: 'server_error', message: 'Something broke.' },
  overloaded: { status: 503, code: 'overloaded', message: 'Too much to do.' },
  refuse: { status: 400, code: 'content_filter', message: 'The safety check refuses this.' },
  'refuse-image': { status: 400, code: 'moderation_blocked', message: 'The safety check refuses this.' },
  unauthorized: { status: 401, code: 'invalid_api_key', message: 'This key is not known here.' },
  'no-model': { status: 404, code: 'model_not_found', message: 'There is no such model.' },
  'bad-request': { status: 400, code: 'unsupported_value', message: 'This value is not supported.' },
} as const

/** In the course of an answer, or instead of one. */
const late = [
  /** It never answers. */
  'hang',
  /** It closes the connection instead of answering. */
  'hang-up',
  /** Its streamed answer stops in the middle, with the connection left open. */
  'stall',
  /** Its streamed answer ends in the middle, with the connection closed. */
  'break-off',
  /** The safety check ends the answer in the middle. */
  'refuse-midway',
  /** The model itself says no. */
  'decline',
  /** It does not stop writing. */
  'endless',
  /** It writes what it was asked not to: the product's name and its keywords. */
  'unruly',
  /** It answers with nothing. */
  'empty',
] as const

export type FailureKind = keyof typeof early | (typeof late)[number]
export const failureKinds: readonly FailureKind[] = [
  ...(Object.keys(early) as (keyof typeof early)[]),
  ...late,
]

export interface Failure {
  kind: FailureKind
  /** How many calls fail so. */
  times: number
  /** Only calls whose body has this text fail; all when not given. */
  about?: string
  /** Seconds in the header Retry-After. */
  retryAfter?: number
}

/** Answers a call with a failure that comes before an answer; false when it is one that comes later. */
export function sendFailure(response: ServerResponse, { kind, retryAfter }: Failure): boolean {
  if (kind === 'hang') return true
  if (kind === 'hang-up') {
    response.destroy()
    return true
  }
  if (!(kind in early)) return false
  const { status, ...error } = early[kind as keyof typeof early]
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  sendError(response, status, error)
  return true
}

/** An error as OpenAI's API has it. */
export function sendError(
  response: ServerResponse,
  status: number,
  error: { message: string; code: string; param?: string },
) {
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'stand-in' })
    .end(JSON.stringify({ error: { type: 'stand_in_error', param: null, ...error } }))
}
