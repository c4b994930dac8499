/** The console's customers against an API that does as the test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { Customers } from './customers.ts'

let close: () => void = () => {}
afterEach(() => close())

type Api = (body: { customerId: string }, response: ServerResponse, key: unknown) => void

async function customersOf(api: Api) {
  const server = createServer(async (request: IncomingMessage, response) =>
    api((await json(request)) as { customerId: string }, response, request.headers['idempotency-key']),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => void server.close().closeAllConnections()
  return new Customers(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}
const answer = (response: ServerResponse, status: number, body: object) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const settled = (customers: Customers) =>
  vi.waitFor(() => expect(customers.state.waiting).toBe(0), { timeout: 10_000, interval: 10 })

test('each customer is another, and tries again with the key of the order until there is an answer', async () => {
  const seen: [string, unknown][] = []
  const customers = await customersOf(({ customerId }, response, key) => {
    seen.push([customerId, key])
    if (seen.length === 1) answer(response, 503, {})
    else answer(response, 201, { orderId: `of ${customerId}` })
  })
  customers.place(2)
  await settled(customers)
  expect(customers.state).toMatchObject({ tries: 1, gaveUp: 0 })
  expect(new Set(seen.map(([name]) => name)).size).toBe(2)
  expect(new Set(seen.map(([name, key]) => `${name} ${key}`)).size).toBe(2)
  expect(customers.answered).toEqual(new Set([...customers.names].map((name) => `of ${name}`)))
})

test('an order that the API refuses is not tried again, and what it said is told', async () => {
  const customers = await customersOf((_, response) =>
    answer(response, 400, { detail: 'The order names a product that does not exist.' }),
  )
  customers.place(3)
  await settled(customers)
  expect(customers.state).toEqual({
    waiting: 0,
    tries: 0,
    gaveUp: 3,
    refusal: 'The order names a product that does not exist.',
  })
})

test('who ordered before counting began is not counted, however late the answer', async () => {
  const held: ServerResponse[] = []
  const customers = await customersOf((_, response) => void held.push(response))
  customers.place(2)
  await vi.waitFor(() => expect(held).toHaveLength(2))
  customers.forget()
  for (const response of held) answer(response, 201, { orderId: 'early' })
  await settled(customers)
  expect([customers.answered.size, customers.names.size]).toEqual([0, 0])
})

test('no more may wait than are looked after', async () => {
  const customers = await customersOf(() => {})
  customers.place(500)
  customers.place(500)
  expect(() => customers.place(1)).toThrow('At most 1000 customers')
})
