/** Orders in Cosmos DB: container `orders`, a partition an order, so a read by id is a point read of 1 RU. */
import type { PatchRequestBody } from '@azure/cosmos'
import type { OrderState } from '@store/contract'
import { config } from '../platform/config.ts'
import { container, onCosmos } from '../platform/cosmos.ts'
import { cosmosStatus } from '../platform/cosmosErrors.ts'
import { belongingTo } from '../platform/telemetry/cosmosSpans.ts'
import type { Order, Step } from './order.ts'
import { isOrderId } from './orderId.ts'
import { beginStep } from './orderTrace.ts'

/** An order with the ETag it was read at. */
export interface StoredOrder {
  order: Order
  etag: string
}

/** Stores a new order with the trace that it was placed in; null when there is one of that id. */
export async function insertOrder(order: Order, traceparent?: string): Promise<StoredOrder | null> {
  const orders = await container('orders')
  const { orderRetentionDays } = config()
  const document = {
    ...order,
    ...(traceparent && { traceparent }),
    // Seconds since the last change after which the database removes it (time to live).
    ...(orderRetentionDays && { ttl: orderRetentionDays * 86_400 }),
  }
  try {
    const { resource } = await onCosmos((options) => orders.items.create<Order>(document, options))
    return stored(resource)
  } catch (error) {
    if (cosmosStatus(error) === 409) return null
    throw error
  }
}

/** One order, or null. */
export async function readOrder(id: string): Promise<StoredOrder | null> {
  if (!isOrderId(id)) return null
  const orders = await container('orders')
  const { resource } = await onCosmos((options) => orders.item(id, id).read<Order>(options))
  return resource ? stored(resource) : null
}

/**
 * Takes an order one step on if it is in one of the states `from`; else says that it is elsewhere in its life, or that
 * there is no such order. One conditional patch: the database compares and writes in one go.
 */
export async function advanceOrder(
  id: string,
  from: OrderState[],
  step: Step,
): Promise<StoredOrder | 'elsewhere' | 'absent'> {
  if (!isOrderId(id)) return 'absent'
  if (!from.length) return 'elsewhere'
  const orders = await container('orders')
  const patch: PatchRequestBody = {
    condition: `FROM c WHERE ${from.map((state) => `c.state = '${state}'`).join(' OR ')}`,
    operations: [
      { op: 'set', path: '/state', value: step.state },
      { op: 'add', path: '/history/-', value: step },
    ],
  }
  const recorded = beginStep(step.state)
  try {
    const { resource } = await belongingTo(recorded.contextOf, () =>
      onCosmos((options) => orders.item(id, id).patch<Order>(patch, options)),
    )
    return stored(resource)
  } catch (error) {
    if (cosmosStatus(error) === 412) return 'elsewhere'
    if (cosmosStatus(error) === 404) return 'absent'
    throw error
  } finally {
    recorded.end()
  }
}

/** The composite index has the newest first; this reads it backwards. */
const oldestFirst = 'c.state DESC, c.createdAt ASC'

/**
 * The oldest orders in a state, at most `limit`; none is read any more once what was read has cost `mostRequestUnits`.
 */
export async function ordersInState(
  state: OrderState,
  limit: number,
  mostRequestUnits: number,
): Promise<Order[]> {
  const orders = await container('orders')
  const ending = new AbortController()
  const pages = orders.items.query<Document>(selection({ state }, limit, oldestFirst), {
    maxItemCount: 100,
    abortSignal: ending.signal,
  })
  const found: Order[] = []
  for (let cost = 0; pages.hasMoreResults() && found.length < limit && cost < mostRequestUnits; ) {
    const { resources, requestCharge } = await onCosmos(({ abortSignal }) => {
      abortSignal.addEventListener('abort', () => ending.abort())
      return pages.fetchNext()
    })
    cost += requestCharge
    found.push(...(resources ?? []).map(toOrder))
  }
  return found
}

/** How many orders are in a state; answered from the index. */
export async function countInState(state: OrderState): Promise<number> {
  const orders = await container('orders')
  const query = {
    query: 'SELECT VALUE COUNT(1) FROM c WHERE c.state = @state',
    parameters: [{ name: '@state', value: state }],
  }
  const { resources } = await onCosmos((options) => orders.items.query<number>(query, options).fetchAll())
  return resources[0] ?? 0
}

/** An order that was stored, and the trace it was placed in, where there is one. */
export type Placed = Pick<Document, 'id' | 'traceparent'>

/** The oldest of the orders that were placed before a time and have not come further since, at most `limit`. */
export const placedBefore = (before: Date, limit: number): Promise<Placed[]> =>
  select({ state: 'placed', before: before.toISOString() }, limit, oldestFirst)

/**
 * The newest orders of a range of time, at most `limit`. Each way to ask has an index that is in its order already; of
 * the few orders of a number or a customer the rest is then looked at one by one.
 */
export async function newestOrders(range: Range, limit: number): Promise<Order[]> {
  const by = (['number', 'customerId', 'state'] as const).find((name) => range[name])
  return (await select(range, limit, `${by ? `c.${by} ASC, ` : ''}c.createdAt DESC`)).map(toOrder)
}

/**
 * Which orders: in this state, of this customer, of this number, placed at `from` or later, earlier than `before`, not later than
 * `until`. ISO 8601, UTC.
 */
export interface Range {
  state?: OrderState | undefined
  customerId?: string | undefined
  number?: string | undefined
  from?: string | undefined
  before?: string | undefined
  until?: string | undefined
}

async function select(range: Range, limit: number, order: string): Promise<Document[]> {
  const orders = await container('orders')
  const query = selection(range, limit, order)
  const { resources } = await onCosmos((options) => orders.items.query<Document>(query, options).fetchAll())
  return resources
}

function selection(range: Range, limit: number, order: string) {
  const { state, customerId, number, from, before, until } = range
  const conditions = [
    ['c.state = @state', '@state', state],
    ['c.customerId = @customerId', '@customerId', customerId],
    ['c.number = @number', '@number', number],
    ['c.createdAt >= @from', '@from', from],
    ['c.createdAt < @before', '@before', before],
    ['c.createdAt <= @until', '@until', until],
  ].filter((condition): condition is [string, string, string] => condition[2] !== undefined)
  const where = conditions.length ? `WHERE ${conditions.map(([text]) => text).join(' AND ')}` : ''
  return {
    query: `SELECT TOP @limit * FROM c ${where} ORDER BY ${order}`,
    parameters: [{ name: '@limit', value: limit }, ...conditions.map(([, name, value]) => ({ name, value }))],
  }
}

/** A change of an order: when the order was placed, and when it changed, in seconds since the epoch. */
export interface Change {
  createdAt: string
  changedAt: number
}

/** The latest change of each order that changed in that second or later, the earliest first, at most `limit`. */
export async function changesSince(seconds: number, limit: number): Promise<Change[]> {
  const orders = await container('orders')
  const query = {
    query:
      'SELECT TOP @limit c.createdAt, c._ts AS changedAt FROM c WHERE c._ts >= @seconds ORDER BY c._ts ASC',
    parameters: [
      { name: '@limit', value: limit },
      { name: '@seconds', value: seconds },
    ],
  }
  return (await onCosmos((options) => orders.items.query<Change>(query, options).fetchAll())).resources
}

/** Every order placed at `from` or later and before `before`, ISO 8601 in UTC, in no order. */
export async function* ordersBetween(from: string, before: string): AsyncGenerator<Order> {
  const orders = await container('orders')
  const query = {
    query: 'SELECT * FROM c WHERE c.createdAt >= @from AND c.createdAt < @before',
    parameters: [
      { name: '@from', value: from },
      { name: '@before', value: before },
    ],
  }
  // A page that takes too long ends the query.
  const ending = new AbortController()
  const pages = orders.items.query<Document>(query, { maxItemCount: 1_000, abortSignal: ending.signal })
  while (pages.hasMoreResults()) {
    const { resources } = await onCosmos(({ abortSignal }) => {
      abortSignal.addEventListener('abort', () => ending.abort())
      return pages.fetchNext()
    })
    yield* (resources ?? []).map(toOrder)
  }
}

type Document = Omit<Order, 'number'> & { number?: string; traceparent?: string; _etag?: string }

function stored(document: Document | undefined): StoredOrder {
  if (!document?._etag) throw new Error('Cosmos DB answered without the document')
  return { order: toOrder(document), etag: document._etag }
}

/** The document without what Cosmos DB adds to it. An order of before there were numbers goes by its id. */
function toOrder({ id, number = id, customerId, items, total, state, createdAt, history }: Document): Order {
  return { id, number, customerId, items, total, state, createdAt, history }
}
