import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** An event of a `text/event-stream` (the HTML standard's server-sent events); `data` lines are joined by a line feed. */
export interface StreamEvent {
  event: string
  data: string
}

/** Reads the events of a response body as they arrive. Leaving the loop early cancels the stream. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const arrived: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => arrived.push(event) })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
      for (const { event = 'message', data } of arrived.splice(0)) yield { event, data }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
