/** The metrics that are told first: what the store counts of its orders, queues and calls. Names: docs/telemetry.md. */
import type { MetricPoint } from '../otlp/model.ts'

export interface Figure {
  words: string
  /** Null: nothing was told of it yet. */
  value: number | null
  unit?: 's' | 'RU'
  /** What it comes from, the most first. */
  parts: { name: string; value: number }[]
}

interface Question {
  words: string
  metric: string
  /** Attributes that a series must have. */
  where?: Record<string, string>
  /**
   * What is made of the series: their sum, that of a gauge, the mean of a distribution, or how many values it has. Of a
   * gauge or a mean that was not told of nothing is known; the others are told of once there is something to count.
   */
  as?: 'sum' | 'gauge' | 'mean' | 'count'
  unit?: Figure['unit']
  /** The attribute by which it is told apart. */
  by?: string
}

const state = (name: string) => ({ 'store.order.state': name })
const asked: Question[] = [
  { words: 'Placed', metric: 'store.orders', where: state('placed') },
  { words: 'Made', metric: 'store.orders', where: state('pending') },
  { words: 'Completed', metric: 'store.orders', where: state('complete') },
  { words: 'Cancelled', metric: 'store.orders', where: state('cancelled') },
  { words: 'Placed to made', metric: 'store.order.duration', where: state('pending'), as: 'mean', unit: 's' },
  {
    words: 'Placed to complete',
    metric: 'store.order.duration',
    where: state('complete'),
    as: 'mean',
    unit: 's',
  },
  {
    words: 'Messages waiting',
    metric: 'store.broker.messages',
    as: 'gauge',
    by: 'messaging.destination.name',
  },
  { words: 'Age of the oldest', metric: 'store.broker.oldest_message.age', as: 'gauge', unit: 's' },
  { words: 'Dead letters', metric: 'store.broker.dead_letters', as: 'gauge', by: 'store.dead_letter.reason' },
  {
    words: 'Request units',
    metric: 'azure.cosmosdb.client.operation.request_charge',
    unit: 'RU',
    by: 'db.operation.name',
  },
  { words: 'Throttled calls', metric: 'store.cosmosdb.throttled_requests', by: 'db.operation.name' },
  {
    words: 'Calls of models',
    metric: 'gen_ai.client.operation.duration',
    as: 'count',
    by: 'gen_ai.request.model',
  },
  { words: 'Tokens', metric: 'gen_ai.client.token.usage', by: 'gen_ai.token.type' },
  { words: 'Cold starts', metric: 'faas.coldstarts' },
]

/** The metrics that are asked for. */
export const metricNames: string[] = [...new Set(asked.map(({ metric }) => metric))]

/** What the points say to each question; nothing when they are of another app. */
export function figuresOf(points: readonly MetricPoint[]): Figure[] {
  if (!points.some(({ name }) => metricNames.includes(name))) return []
  return asked.map(({ words, metric, where = {}, as = 'sum', unit, by }) => {
    const series = points.filter(
      ({ name, attributes }) =>
        name === metric && Object.entries(where).every(([key, value]) => attributes[key] === value),
    )
    const parts = by ? Map.groupBy(series, ({ attributes }) => String(attributes[by] ?? '')) : new Map()
    return {
      words,
      value: series.length || as === 'sum' || as === 'count' ? amountOf(series, as) : null,
      ...(unit && { unit }),
      parts: [...parts]
        .map(([name, of]) => ({ name, value: amountOf(of, as) }))
        .filter(({ name, value }) => name && value)
        .sort((a, b) => b.value - a.value),
    }
  })
}

function amountOf(series: MetricPoint[], as: NonNullable<Question['as']>): number {
  const sum = total(series.map(({ value }) => value ?? 0))
  const count = total(series.map(({ count }) => count ?? 0))
  return as === 'count' ? count : as === 'mean' ? sum / (count || 1) : sum
}

const total = (values: number[]) => values.reduce((all, value) => all + value, 0)
