/** The load test against the local cloud: every order that the store accepts is made, once. */
import { expect, inject, test } from 'vitest'
import { runLoad } from '../../local/commands/loadTest.ts'
import { storedOrders } from '../harness/inside.ts'

test('a hundred orders of simulated customers are accepted and made', async () => {
  const { urls, settings } = inject('cloud')
  const before = new Set((await storedOrders(settings)).map(({ id }) => id))
  const report = await runLoad({ url: urls.api, orders: 100, concurrency: 10 })
  expect(report).toMatchObject({ placed: 100, accepted: 100, made: 100, lost: [] })
  expect([...report.refused]).toEqual([])
  expect(report.latency.accepted).toHaveLength(100)
  expect(report.latency.made.every((milliseconds) => milliseconds >= 0)).toBe(true)

  const placed = (await storedOrders(settings)).filter(({ id }) => !before.has(id))
  const ofSimulation = placed.filter(({ customerId }) => /^customer-\d{3}$/.test(customerId))
  expect(ofSimulation).toHaveLength(100)
  expect(ofSimulation.every(({ history }) => history.some(({ state }) => state === 'pending'))).toBe(true)
})
