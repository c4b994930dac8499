/** An answer as server-sent events, sent while it is made. */
import type { HttpResponseInit } from '@azure/functions'
import { asProblem } from '../platform/problem.ts'
import { log } from '../platform/telemetry/log.ts'

/**
 * The response that streams a text: `data: {"delta"}` for each piece, then `event: done` with the whole description, or
 * `event: error` with a problem document, for the status has gone out by then.
 * @param step the first step of `writing`, which was taken already.
 * @param stop is aborted when the one who reads the response cancels it.
 */
export function streamEvents(
  step: IteratorResult<string, string>,
  writing: AsyncGenerator<string, string>,
  stop: AbortController,
): HttpResponseInit {
  let first: typeof step | undefined = step
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let last: Uint8Array
      try {
        const { done, value } = first ?? (await writing.next())
        first = undefined
        if (!done) return stop.signal.aborted ? undefined : controller.enqueue(event({ delta: value }))
        last = event({ description: value }, 'done')
      } catch (error) {
        const problem = asProblem(error)
        if (problem.status >= 500) log.error(problem.message, problem.cause)
        last = event(problem.document(), 'error')
      }
      if (stop.signal.aborted) return
      controller.enqueue(last)
      controller.close()
    },
    cancel: () => stop.abort(),
  })
  // The second header asks nginx, which is what many an ingress is, not to wait for the end.
  return { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }, body }
}

const encoder = new TextEncoder()

const event = (data: unknown, name?: string) =>
  encoder.encode(`${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
