import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshApp } from '../../tests/freshApp.ts'
import { invoke } from '../../tests/invoke.ts'

vi.mock('./placeOrder.ts', () => ({
  placeOrder: async () => ({
    isNew: true,
    etag: '"1"',
    order: { id: 'o', customerId: 'c', items: [], total: 0, state: 'placed', createdAt: '', history: [] },
  }),
}))

/** A fresh process with these settings: answers the status of an order that comes from there. */
async function store(env: Record<string, string>) {
  freshApp(env)
  const { placeOrder } = await import('./orders.functions.ts')
  return (address?: string, items: object[] = [{ productId: 1, quantity: 1 }]) =>
    invoke(placeOrder, 'POST', {
      body: { customerId: 'c', items },
      headers: address ? { 'x-forwarded-for': address } : {},
    })
}
beforeEach(() => vi.unstubAllEnvs())

describe('orders', () => {
  test('of one caller are bounded, of another are not touched', async () => {
    const place = await store({ ORDERS_PER_MINUTE_PER_CALLER: '3' })
    const first = ['10.0.0.1:4711', '10.0.0.1:4712', '10.0.0.1, 20.0.0.1']
    for (const address of first) expect((await place(address)).status).toBe(201)
    const refused = await place('10.0.0.1:4713')
    expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'application/problem+json'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20)
    expect((await place('10.0.0.2')).status).toBe(201)
    expect((await place('[::1]:80')).status).toBe(201)
    expect((await place()).status).toBe(201)
  })

  test('of all callers together are bounded, whatever address they make up', async () => {
    const place = await store({ ORDERS_PER_MINUTE: '5' })
    const statuses = []
    for (let n = 0; n < 8; n++) statuses.push((await place(`10.0.0.${n}`)).status)
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429, 429, 429])
  })

  test('that are none do not count', async () => {
    const place = await store({ ORDERS_PER_MINUTE_PER_CALLER: '1' })
    for (let n = 0; n < 3; n++) expect((await place('10.0.0.1', [])).status).toBe(400)
    expect((await place('10.0.0.1')).status).toBe(201)
  })

  // The demo's manifests have its virtual customer place 100 an hour.
  test("are taken from people and the demo's simulators as the defaults are, and not from a script gone wild", async () => {
    const place = await store({})
    // The clock stands still: on a slow machine the bound would make room again in between.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
    onTestFinished(() => clock.mockRestore())
    const statuses = []
    for (let n = 0; n < 200; n++) statuses.push((await place('10.0.0.1')).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(120)
  })

  test('have no bound where it is 0', async () => {
    const place = await store({ ORDERS_PER_MINUTE_PER_CALLER: '0', ORDERS_PER_MINUTE: '0' })
    for (let n = 0; n < 300; n++) expect((await place('10.0.0.1')).status).toBe(201)
  })
})
