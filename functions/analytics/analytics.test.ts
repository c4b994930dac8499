import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as contract from '@store/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, startWatchedDependencies } from '../../tests/triggers.ts'
import { moveOrder } from '../orders/moveOrder.ts'
import { placeOrder } from '../orders/placeOrder.ts'
import { config } from '../platform/config.ts'
import { countHour } from './aggregate.ts'
import { readMark, recountHour, writeMark } from './aggregateStore.ts'
import { getSummary, rebuildAnalytics } from './analytics.functions.ts'
import { countOrders, recountAll } from './countOrders.ts'

let cloud: Awaited<ReturnType<typeof startWatchedDependencies>>
beforeAll(async () => {
  cloud = await startWatchedDependencies()
}, 60_000)
afterAll(() => cloud?.stop())

const day = { from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z' }
async function summary(query: Record<string, string> = day) {
  return contract.AnalyticsSummary.parse((await call(getSummary, { query })).body)
}

async function place(at: string, quantity = 1) {
  const placed = await placeOrder(
    { customerId: 'c', items: [{ productId: 1, quantity }] },
    undefined,
    new Date(at),
  )
  return placed.order.id
}

test('an order is counted once however often and by however many it is counted, in the state that it is in', async () => {
  const first = await place('2026-01-02T03:10:00Z', 2)
  const second = await place('2026-01-02T03:50:00Z')
  await place('2026-01-02T04:00:00Z')
  await Promise.all([countOrders(), countOrders(), countOrders()])
  expect(await summary()).toMatchObject({
    orders: 3,
    revenue: 39.96,
    ordersByStatus: { placed: 3, pending: 0 },
    series: [
      { hour: '2026-01-02T03:00:00.000Z', orders: 2, revenue: 29.97 },
      { hour: '2026-01-02T04:00:00.000Z', orders: 1, revenue: 9.99 },
    ],
    meanSecondsToComplete: null,
  })

  await moveOrder(first, 'pending')
  await moveOrder(first, 'complete')
  await moveOrder(second, 'cancelled')
  await countOrders()
  // Whoever dies after counting leaves the mark where it was.
  await writeMark({ seconds: 0, read: 0 })
  await countOrders()
  const after = await summary()
  expect(after).toMatchObject({
    orders: 2,
    revenue: 29.97,
    ordersByStatus: { placed: 1, pending: 0, processing: 0, complete: 1, cancelled: 1 },
    topProducts: [{ productId: 1, quantity: 3, revenue: 29.97 }],
  })
  expect(after.meanSecondsToComplete).toBeGreaterThan(0)
})

// A day of each; what is placed just before and just after it is no part of it.
test.each([
  ['Asia/Kolkata', '2025-11-23T18:30:00Z', '2025-11-24T18:30:00Z'],
  ['Asia/Kathmandu', '2025-11-20T18:15:00Z', '2025-11-21T18:15:00Z'],
])('a day in %s is that day and no hour of another', async (_zone, from, to) => {
  const shifted = (time: string, seconds: number) =>
    new Date(Date.parse(time) + seconds * 1_000).toISOString()
  for (const at of [shifted(from, -1), shifted(from, 0), shifted(to, -1), shifted(to, 0)]) await place(at)
  await countOrders()
  const { orders, revenue, series } = await summary({ from, to })
  expect([orders, revenue]).toEqual([2, 19.98])
  expect(series.map(({ hour }) => hour)).toEqual([shifted(from, 0), shifted(to, -3_600)])
})

test('an hour that was counted before there were quarters stands at its beginning', async () => {
  const hour = '2025-12-01T10:00:00.000Z'
  const { quarters } = await countHour(hour, [])
  expect(quarters).toEqual([])
  const byState = { placed: 0, pending: 0, processing: 0, complete: 2, cancelled: 0 }
  const old = {
    hour,
    byState,
    orders: 2,
    revenue: 1998,
    products: {},
    completed: 0,
    millisecondsToComplete: 0,
  }
  await recountHour(hour, async () => old as never)
  const figures = await summary({ from: '2025-12-01T00:00:00Z', to: '2025-12-02T00:00:00Z' })
  expect(figures).toMatchObject({ orders: 2, series: [{ hour, orders: 2, revenue: 19.98 }] })
})

test('a look at figures that are not fresh brings them up to date', async () => {
  const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds
  await writeMark({ seconds: ago(3_600), read: 0 })
  const { orders } = await summary()
  await place('2026-01-02T07:00:00Z')
  // What took long to count is not counted for every look.
  await writeMark({ seconds: ago(100), read: 4_000 })
  expect((await summary()).orders).toBe(orders)
  await writeMark({ seconds: ago(100), read: 100 })
  expect((await summary()).orders).toBe(orders + 1)
})

test('of many who look at once one counts for all', async () => {
  await place('2026-01-03T01:00:00Z')
  await place('2026-01-03T02:00:00Z')
  const written = async (looks: number) => {
    await writeMark({ seconds: 0, read: 0 })
    cloud.proxy.operations = []
    await Promise.all(Array.from({ length: looks }, () => summary()))
    return cloud.proxy.operations.filter(({ kind }) => kind === 'replace' || kind === 'create').length
  }
  await written(1)
  expect(await written(8)).toBe(await written(1))
})

describe('a rebuild', () => {
  /** Makes the stored figures of an hour wrong. */
  const spoil = (hour: string) => recountHour(hour, () => countHour(hour, []))
  const hour = '2026-01-02T03:00:00.000Z'

  test('puts right what has gone wrong', async () => {
    const right = await summary()
    await spoil(hour)
    expect((await summary()).orders).toBeLessThan(right.orders)
    const { status, body } = await call(rebuildAnalytics, { method: 'POST' })
    expect(status).toBe(200)
    expect(body.hours).toBeGreaterThanOrEqual(3)
    expect(await summary()).toEqual(right)
  })

  test('leaves the mark where it is, so that looking stays cheap meanwhile', async () => {
    await countOrders()
    const mark = await readMark()
    await recountAll()
    expect(await readMark()).toEqual(mark)
  })

  test('is a command too', async () => {
    const right = await summary()
    await spoil(hour)
    const { stdout } = await promisify(execFile)(process.execPath, ['functions/analytics/rebuild.ts'], {
      env: { ...process.env, ...cloud.settings },
    })
    expect(stdout).toMatch(/Counted \d+ hours anew/)
    expect(await summary()).toEqual(right)
  })

  test('says what is wrong when it cannot reach the database', async () => {
    const failed = promisify(execFile)(process.execPath, ['functions/analytics/rebuild.ts'], {
      env: { ...process.env, ...cloud.settings, CosmosConnection: 'nonsense' },
    })
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('CosmosConnection'),
    })
  })
})

test('ranges are widened to whole quarters of an hour, and a week long unless asked otherwise', async () => {
  expect(await summary({ from: '2026-01-02T03:31:00+00:00', to: '2026-01-02T03:46:00Z' })).toMatchObject({
    from: '2026-01-02T03:30:00.000Z',
    to: '2026-01-02T04:00:00.000Z',
  })
  const { from, to } = await summary({})
  expect(Date.parse(to) - Date.parse(from)).toBe(7 * 24 * 3_600_000)
  expect(Date.parse(to)).toBeGreaterThan(Date.now())
})

test.each([
  [{ from: 'x' }, '/from'],
  [{ to: '2026-13-01T00:00:00Z' }, '/to'],
  [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, '/to'],
  [{ from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, '/from'],
])('%j is refused, naming %s', async (query: Record<string, string>, pointer) => {
  const { status, body } = await call(getSummary, { query })
  expect(status).toBe(400)
  expect(body.errors[0].pointer).toBe(pointer)
})

test('an hour from which orders may have been removed keeps its figures', async () => {
  const right = await summary()
  await recountHour('2026-01-02T03:00:00.000Z', () => countHour('2026-01-02T03:00:00.000Z', []))
  const spoilt = await summary()
  config().orderRetentionDays = 5
  try {
    await recountAll()
    expect(await summary()).toEqual(spoilt)
  } finally {
    config().orderRetentionDays = 0
  }
  await recountAll()
  expect(await summary()).toEqual(right)
})

test('an hour that others keep counting is left to them, and whoever looks is told to come back', async () => {
  const hour = '2026-03-04T05:00:00.000Z'
  await recountHour(hour, () => countHour(hour, []))
  let counts = 0
  const meddling = recountHour(hour, async () => {
    if (++counts > 50) throw new Error('without end')
    await recountHour(hour, () => countHour(hour, []))
    return countHour(hour, [])
  })
  await expect(meddling).rejects.toMatchObject({ status: 503, retryAfter: 5 })
  expect(counts).toBeGreaterThan(2)
})
