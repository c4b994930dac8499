/**
 * What waits, as the database and the broker know it: the same whichever instance is asked. Read when someone asks, and
 * for a while then known: three counts, of some 3 request units each, and three peeks.
 */
import { isFinal, orderStates } from '@store/contract'
import { countInState } from '../orders/findOrders.ts'
import type { Metric, Series } from '../platform/telemetry/metrics.ts'
import { timeOf } from './delivery.ts'
import { reasonOf } from './messageMetrics.ts'
import { deadLetterQueue, failedQueue, look, ordersQueue } from './queues.ts'

/** States of orders with which someone has yet to do something; how many there are follows from the work that waits. */
const open = orderStates.filter((state) => !isFinal(state))

/** Milliseconds for which what was read is told again. */
const fresh = 15_000

/** Milliseconds until a source counts as away: Prometheus itself gives up on all of the answer after ten seconds. */
const patience = 4_000

let known: { until: number; metrics: Promise<Metric[]> } | undefined

/** The gauges; of a dependency that is away there is only that. */
export function waiting(now = Date.now()): Promise<Metric[]> {
  if (!known || known.until <= now) known = { until: now + fresh, metrics: read(now) }
  return known.metrics
}

async function read(now: number): Promise<Metric[]> {
  const [database, broker] = await Promise.allSettled([inTime(readOrders()), inTime(readQueues(now))])
  const up = (source: string, { status }: PromiseSettledResult<unknown>): Series => ({
    attributes: { 'store.source': source },
    value: status === 'fulfilled' ? 1 : 0,
  })
  return [
    ...(database.status === 'fulfilled' ? database.value : []),
    ...(broker.status === 'fulfilled' ? broker.value : []),
    gauge('store.source.up', 'Whether the database and the broker answered.', '1', [
      up('database', database),
      up('broker', broker),
    ]),
  ]
}

/** @throws {Error} where the work takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('does not answer in time')), patience)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

async function readOrders(): Promise<Metric[]> {
  const series = await Promise.all(
    open.map(async (state) => ({
      attributes: { 'store.order.state': state },
      value: await countInState(state),
    })),
  )
  return [
    gauge(
      'store.database.orders',
      'Database: orders that someone has yet to do something with.',
      '{order}',
      series,
    ),
  ]
}

async function readQueues(now: number): Promise<Metric[]> {
  const queue = { 'messaging.destination.name': ordersQueue() }
  const [messages = [], failed = [], dead = []] = await Promise.all(
    [ordersQueue(), failedQueue(), deadLetterQueue()].map((queue) => look(queue, true)),
  )
  const scheduled = messages.filter(({ state }) => state === 'scheduled').length
  const times = messages.map(({ applicationProperties, enqueuedTimeUtc }) =>
    // A message that is tried again says since when its order waits.
    Date.parse(
      timeOf(applicationProperties?.enqueuedat) ?? timeOf(enqueuedTimeUtc) ?? new Date(now).toISOString(),
    ),
  )
  const reasons = Map.groupBy([...failed, ...dead], ({ applicationProperties, deadLetterReason }) =>
    reasonOf(applicationProperties?.DeadLetterReason ?? deadLetterReason),
  )
  return [
    gauge(
      'store.broker.messages',
      'Broker: messages in the queue, at most 1000 of them counted.',
      '{message}',
      [
        { attributes: { ...queue, 'store.message.state': 'active' }, value: messages.length - scheduled },
        { attributes: { ...queue, 'store.message.state': 'scheduled' }, value: scheduled },
      ],
    ),
    gauge(
      'store.broker.oldest_message.age',
      'Broker: for how long the oldest message waits, its retries included.',
      's',
      [{ attributes: queue, value: times.length ? Math.max(0, now - Math.min(...times)) / 1_000 : 0 }],
    ),
    gauge(
      'store.broker.dead_letters',
      'Broker: messages that were given up and wait for an employee.',
      '{message}',
      reasons.size
        ? [...reasons].map(([reason, letters]) => ({
            attributes: { 'store.dead_letter.reason': reason },
            value: letters.length,
          }))
        : [{ attributes: {}, value: 0 }],
    ),
  ]
}

const gauge = (name: string, description: string, unit: string, series: Series[]): Metric => ({
  name,
  description,
  unit,
  kind: 'gauge',
  series,
})
