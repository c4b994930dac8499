import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { disconnected, watchConnections } from './disconnect.ts'

let server: Server
let url: string

/** The server inside the worker to which the host forwards requests, which the host in this test is `fetch`. */
beforeAll(async () => {
  watchConnections()
  server = createServer((_request, response) => {
    response.write('first ')
    server.once('go on', () => response.end('last'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

async function forward() {
  const invocationId = randomUUID()
  const client = new AbortController()
  const response = await fetch(url, {
    headers: { 'x-ms-invocation-id': invocationId },
    signal: client.signal,
  })
  return { signal: disconnected(invocationId), client, response }
}

test('the signal of an invocation fires when its connection is dropped, and no other', async () => {
  const [one, other] = [await forward(), await forward()]
  one.client.abort()
  await once(one.signal, 'abort')
  expect(other.signal.aborted).toBe(false)

  server.emit('go on')
  expect(await other.response.text()).toBe('first last')
  expect(other.signal.aborted).toBe(false)
})

test('an invocation that has no connection of its own has a signal that does not fire', () => {
  expect(disconnected(randomUUID()).aborted).toBe(false)
})
