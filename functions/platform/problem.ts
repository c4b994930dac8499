/**
 * Errors that a client is told of, as problem documents (RFC 9457). Use cases throw them; `http.ts` writes them.
 * `detail` and `errors` go out as they are, so they never name anything internal.
 */
import type { Problem } from '@store/contract'

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

export type FieldError = NonNullable<Problem['errors']>[number]

export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly status: number
  readonly errors: FieldError[] | undefined
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | undefined

  constructor(
    status: number,
    detail: string,
    more: { errors?: FieldError[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause })
    this.status = status
    this.errors = more.errors
    this.retryAfter = more.retryAfter
  }

  document(): Problem {
    return {
      type: 'about:blank',
      title: titles[this.status] ?? 'Error',
      status: this.status,
      detail: this.message,
      ...(this.errors ? { errors: this.errors } : {}),
    }
  }
}

/** 400: the request says something that cannot be; `errors` names the fields by JSON pointer. */
export const invalid = (detail: string, errors?: FieldError[]) =>
  new ProblemError(400, detail, errors ? { errors } : {})

/** 404. */
export const notFound = (what: string) => new ProblemError(404, `${what} does not exist.`)

/** 409: the thing is not in a state that allows it. */
export const conflict = (detail: string) => new ProblemError(409, detail)

/** 503: a dependency does not answer; nothing is lost, and a later try may succeed. */
export const unavailable = (what: string, cause: unknown) =>
  new ProblemError(503, `${what} does not answer at the moment.`, { retryAfter: 5, cause })

/** What a client is told of an error: itself when it is meant for clients, a bare 500 when it is not. */
export const asProblem = (error: unknown) =>
  error instanceof ProblemError
    ? error
    : new ProblemError(500, 'Something went wrong on our side.', { cause: error })
