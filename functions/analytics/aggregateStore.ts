/** Counted hours in Cosmos DB: container `analytics`, one partition a store, a document an hour, and the mark. */
import { setTimeout as delay } from 'node:timers/promises'
import { container, onCosmos, storePartition } from '../platform/cosmos.ts'
import { cosmosStatus } from '../platform/cosmosErrors.ts'
import { unavailable } from '../platform/problem.ts'
import { type HourAggregate, hourOf, type QuarterAggregate } from './aggregate.ts'

const markId = 'counted-until'

interface Stored {
  _etag?: string
}

/** How far the counting has come. */
export interface Mark {
  /** Every change of an order before this second is counted; seconds since the epoch, as the database has them. */
  seconds: number
  /** How many orders the last count read. */
  read: number
}

/** The mark; before anything was counted, the beginning of time. */
export async function readMark(): Promise<Mark> {
  const analytics = await container('analytics')
  const storeId = storePartition
  const { resource } = await onCosmos((options) => analytics.item(markId, storeId).read<Mark>(options))
  return { seconds: resource?.seconds ?? 0, read: resource?.read ?? 0 }
}

export async function writeMark(mark: Mark): Promise<void> {
  const analytics = await container('analytics')
  await onCosmos((options) =>
    analytics.items.upsert({ id: markId, storeId: storePartition, ...mark }, options),
  )
}

/**
 * Counts an hour anew and stores the result. Of two who count the same hour at once, the one whose count began earlier
 * may have seen less: whoever meets a count stored since it began, counts again.
 * @throws {ProblemError} 503 when the database does not answer, or others are always faster.
 */
export async function recountHour(hour: string, count: () => Promise<HourAggregate>): Promise<HourAggregate> {
  const analytics = await container('analytics')
  const storeId = storePartition
  for (let attempt = 1; attempt <= mostAttempts; attempt++) {
    const { resource } = await onCosmos((options) => analytics.item(hour, storeId).read<Stored>(options))
    const counted = await count()
    const document = { ...counted, id: hour, storeId }
    try {
      await onCosmos((options) =>
        resource?._etag
          ? analytics.item(hour, storeId).replace(document, {
              ...options,
              accessCondition: { type: 'IfMatch', condition: resource._etag },
            })
          : analytics.items.create(document, options),
      )
      return counted
    } catch (error) {
      if (![404, 409, 412].includes(cosmosStatus(error) ?? 0)) throw error
      await delay(Math.random() * 2 ** attempt * 20)
    }
  }
  throw unavailable('The count of this hour', new Error(`Others kept counting ${hour}`))
}

/** Counts of one hour before those who count it at the same time are left to it. */
const mostAttempts = 6

/** The counted quarters of a range that saw an order, `to` exclusive. */
export async function readQuarters(from: string, to: string): Promise<QuarterAggregate[]> {
  const analytics = await container('analytics')
  const query = {
    query: 'SELECT * FROM c WHERE c.id >= @from AND c.id < @to',
    parameters: [
      { name: '@from', value: hourOf(from) },
      { name: '@to', value: to },
    ],
  }
  const { resources } = await onCosmos((options) =>
    analytics.items.query<Counted>(query, { partitionKey: storePartition, ...options }).fetchAll(),
  )
  return resources.flatMap(quartersOf).filter(({ quarter }) => quarter >= from && quarter < to)
}

/** An hour that was counted before there were quarters is one figure, and until it is counted anew stands at its beginning. */
type Counted = HourAggregate | (Omit<QuarterAggregate, 'quarter'> & { hour: string })

const quartersOf = (counted: Counted): QuarterAggregate[] =>
  'quarters' in counted ? counted.quarters : [{ ...counted, quarter: counted.hour }]
