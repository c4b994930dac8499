/** What a code of the query compiler means: SC1… cannot be read, SC2… has no meaning or is not supported. */
export type QueryErrorCode = `SC${number}`

/**
 * A query that is refused: 400, BadRequest. `message` is the JSON text that Azure sends behind "Message: ", with the
 * code and the place of what is wrong.
 */
export class QueryError extends Error {
  readonly status = 400
  /** In plain words, without code and place. */
  readonly reason: string
  readonly code: QueryErrorCode | undefined

  constructor(reason: string, code?: QueryErrorCode, location?: { start: number; end: number }) {
    const error = { severity: 'Error', ...(location && { location }), ...(code && { code }), message: reason }
    super(JSON.stringify({ errors: [error] }))
    this.name = 'QueryError'
    this.reason = reason
    this.code = code
  }
}
