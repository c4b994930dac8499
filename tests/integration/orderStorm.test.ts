/** A short storm; `npm run test:faults` has the long one. */
import { expect, test } from 'vitest'
import { orderStorm } from '../faults/orderStorm.ts'

test('in a storm of killed processes and a failing database no order is lost or made twice', async () => {
  const report = await orderStorm({ orders: 150, kills: 3, concurrency: 10, killEvery: 3, seed: 7 })
  expect(report.wrong).toEqual([])
  expect(Math.min(report.cancelled, report.completed)).toBeGreaterThan(0)
  expect(Math.min(...Object.values(report.kills))).toBeGreaterThan(0)
  expect(Object.values(report.cosmosFaults).some((met) => met > 0)).toBe(true)
}, 240_000)
