import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { percentile, ratesOf, runLoad } from './loadTest.ts'

interface Behaviour {
  /** Status that the placing with this number, counted over all tries, is answered; 201 by default. */
  status?: (placing: number) => number
  /** What becomes of the order with this number. */
  fate?: (order: number) => 'made' | 'stuck' | 'gone' | 'twice'
  /** Whether every placing is the same order. */
  isOne?: boolean
}

let server: Server
afterEach(() => void server?.close())

/** A store that keeps its orders by idempotency key and treats them as it is told. */
async function store({ status = () => 201, fate = () => 'made', isOne = false }: Behaviour = {}) {
  const orders = new Map<string, number>()
  let placings = 0
  server = createServer((request, response) => {
    const answer = (code: number, body: unknown) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/api/products') return answer(200, [{ id: 1 }, { id: 2 }])
    if (request.method === 'POST') {
      const code = status(placings++)
      if (code !== 201) return answer(code, { title: 'Refused', status: code, type: 'about:blank' })
      const key = isOne ? 'one' : String(request.headers['idempotency-key'])
      if (!orders.has(key)) orders.set(key, orders.size)
      return answer(201, { orderId: String(orders.get(key)) })
    }
    const number = Number(request.url?.split('/').pop())
    if (fate(number) === 'gone') return answer(404, { title: 'Not Found', status: 404, type: 'about:blank' })
    const history = [{ state: 'placed', at: '2026-01-01T00:00:00.000Z' }]
    for (let n = { made: 1, twice: 2, stuck: 0 }[fate(number) as 'made']; n > 0; n--)
      history.push({ state: 'pending', at: '2026-01-01T00:00:00.250Z' })
    answer(200, { createdAt: '2026-01-01T00:00:00.000Z', history })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { orders, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('counts what was accepted and made, and how long it took to the line', async () => {
  const { url, orders } = await store()
  const seen: number[] = []
  const report = await runLoad({ url, orders: 40, concurrency: 7, onProgress: ({ made }) => seen.push(made) })
  expect(report).toMatchObject({ placed: 40, accepted: 40, made: 40, retries: 0, lost: [] })
  expect(orders.size).toBe(40)
  expect(report.latency.made).toEqual(Array(40).fill(250))
  expect(report.latency.accepted).toHaveLength(40)
  expect(Math.max(...seen)).toBe(40)
})

test('sends again, with the same key, what failed for the moment', async () => {
  const { url, orders } = await store({ status: (placing) => (placing % 3 ? 201 : 503) })
  const report = await runLoad({ url, orders: 9, concurrency: 3 })
  expect(report).toMatchObject({ accepted: 9, made: 9, lost: [] })
  expect(report.retries).toBeGreaterThan(0)
  expect(orders.size).toBe(9)
})

test('says why orders were refused', async () => {
  const { url } = await store({ status: (placing) => (placing < 2 ? 400 : 201) })
  const report = await runLoad({ url, orders: 5, concurrency: 1 })
  expect([report.accepted, [...report.refused]]).toEqual([3, [['400 Refused', 2]]])
})

test('names accepted orders that are gone or never made', async () => {
  const { url } = await store({ fate: (order) => (order === 1 ? 'gone' : order === 3 ? 'stuck' : 'made') })
  const report = await runLoad({ url, orders: 6, concurrency: 2, patience: 300 })
  expect(report).toMatchObject({ accepted: 6, made: 4 })
  expect(report.lost.sort()).toEqual(['1', '3'])
})

test('names orders that are in the line twice, and those that two placings were answered with', async () => {
  const twice = await store({ fate: (order) => (order === 1 ? 'twice' : 'made') })
  expect((await runLoad({ url: twice.url, orders: 3, concurrency: 1 })).doubled).toEqual(['1'])
  server.close()
  const one = await store({ isOne: true })
  expect((await runLoad({ url: one.url, orders: 3, concurrency: 1 })).doubled).toEqual(['0', '0'])
})

test('tells the first and the last of many apart', () => {
  const times = Array.from({ length: 30 }, (_, n) => (n < 20 ? (n + 1) * 0.1 : 2 + (n - 19) * 0.5))
  expect(ratesOf(times, 10)?.first).toBeCloseTo(10)
  expect(ratesOf(times, 10)?.last).toBeCloseTo(2)
  expect(ratesOf(times.slice(0, 19), 10)).toBeUndefined()
})

test('placing can be ended early, and what was accepted is still followed', async () => {
  const { url } = await store()
  const stop = new AbortController()
  const report = await runLoad({
    url,
    orders: 1_000,
    concurrency: 2,
    signal: stop.signal,
    onProgress: ({ accepted }) => accepted >= 10 && stop.abort(),
  })
  expect(report.accepted).toBeLessThan(20)
  expect(report.made).toBe(report.accepted)
})

test('percentiles are values that occurred', () => {
  const values = Array.from({ length: 100 }, (_, n) => n + 1)
  expect([0.5, 0.99, 1].map((part) => percentile(values, part))).toEqual([50, 99, 100])
  expect(percentile([5], 0.5)).toBe(5)
})
