/** The names are those of docs/telemetry.md, which tells what the app exports. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { MetricPoint } from '../otlp/model.ts'
import { figuresOf, metricNames } from './metricFigures.ts'

const point = (name: string, value: number, attributes = {}, count?: number): MetricPoint => ({
  name,
  description: '',
  unit: '',
  kind: count === undefined ? 'sum' : 'distribution',
  service: 'store',
  at: 0,
  value,
  ...(count !== undefined && { count }),
  attributes,
})
const told = (...points: MetricPoint[]) =>
  Object.fromEntries(figuresOf(points).map(({ words, ...figure }) => [words, figure]))

test('of another app nothing is said, of the store that nothing happened yet', () => {
  expect(figuresOf([point('another', 7)])).toEqual([])
  const figures = told(point('store.orders', 7, { 'store.order.state': 'placed' }))
  expect(figures.Completed?.value).toBe(0)
  for (const words of ['Placed to made', 'Messages waiting', 'Dead letters'])
    expect(figures[words]?.value).toBeNull()
})

test('series are added up, told apart by what they are of', () => {
  const charge = (operation: string, units: number) =>
    point('azure.cosmosdb.client.operation.request_charge', units, { 'db.operation.name': operation }, 3)
  const figures = told(
    point('store.orders', 7, { 'store.order.state': 'placed' }),
    point('store.orders', 5, { 'store.order.state': 'pending' }),
    point('store.order.duration', 9, { 'store.order.state': 'pending' }, 6),
    charge('read_item', 4),
    charge('create_item', 30),
    charge('read_item', 2),
    point('gen_ai.client.operation.duration', 9.5, {}, 4),
    point('gen_ai.client.token.usage', 120, { 'gen_ai.token.type': 'input' }, 4),
  )
  expect(figures.Placed?.value).toBe(7)
  expect(figures.Made?.value).toBe(5)
  expect(figures['Placed to made']).toMatchObject({ value: 1.5, unit: 's' })
  expect(figures['Request units']).toMatchObject({
    value: 36,
    parts: [
      { name: 'create_item', value: 30 },
      { name: 'read_item', value: 6 },
    ],
  })
  expect(figures['Calls of models']?.value).toBe(4)
  expect(figures.Tokens?.parts).toEqual([{ name: 'input', value: 120 }])
})

test('every metric that is asked for is one that the app has', async () => {
  const documented = await readFile(new URL('../../../docs/telemetry.md', import.meta.url), 'utf8')
  for (const name of metricNames) expect(documented).toContain(`\`${name}\``)
})
