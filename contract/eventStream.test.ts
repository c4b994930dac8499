import { expect, test } from 'vitest'
import { readEventStream } from './eventStream.ts'

/** A body that arrives in pieces cut anywhere, as a network cuts it. */
function bodyOf(text: string, pieceSize: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += pieceSize) controller.enqueue(bytes.slice(at, at + pieceSize))
      controller.close()
    },
  })
}

test.each([1, 2, 3, 7, 1000])('events cut into pieces of %i bytes arrive whole', async (pieceSize) => {
  const text =
    'data: {"delta":"Ahoy ⚓"}\n\n: a comment\n\nid: 4\ndata: a\ndata: b\n\nevent: done\r\ndata: {}\r\n\r\nevent: half'
  const events = []
  for await (const event of readEventStream(bodyOf(text, pieceSize))) events.push(event)
  expect(events).toEqual([
    { event: 'message', data: '{"delta":"Ahoy ⚓"}' },
    { event: 'message', data: 'a\nb' },
    { event: 'done', data: '{}' },
  ])
})

test('leaving the loop cancels the stream', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => {
      cancelled = true
    },
  })
  for await (const _ of readEventStream(body)) break
  expect(cancelled).toBe(true)
})

// HTML standard, 9.2.6: one space after the colon is not the value's; a line without a colon is a field without a value.
test('fields are read as the standard has them', async () => {
  const text = 'data:a\n\ndata\n\ndata:  b\n\n:data: c\n\nmetadata: d\nevent: e\n\nevent\ndata: f\n\n'
  const events = []
  for await (const { data } of readEventStream(bodyOf(text, 1000))) events.push(data)
  expect(events).toEqual(['a', '', ' b', 'f'])
})
