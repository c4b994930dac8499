/** An expression that does not follow the grammar; the message says what is wrong and where. */
export class SqlSyntaxError extends Error {
  constructor(what: string, expression: string, at: number) {
    super(`${what} at position ${at + 1} of: ${expression}`)
    this.name = 'SqlSyntaxError'
  }
}

/** An expression that cannot be evaluated for a message (`FilterException` of the service). */
export class SqlEvaluationError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SqlEvaluationError'
  }
}
