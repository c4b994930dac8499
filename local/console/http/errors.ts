/** A request that is refused, with the status and the words of its answer. */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** How long somebody waits who looks at a page, in milliseconds. */
const patience = 5_000

/**
 * What a part of the local cloud answers.
 * @throws {HttpError} 503 when it fails or takes too long; a refusal of the console's own as it is.
 */
export async function answerOf<T>(part: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), patience)
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw new HttpError(503, `${part} does not answer; it may be starting.`)
  } finally {
    clearTimeout(timer)
  }
}
