/**
 * Orders through the whole local cloud: `npm run bench -- orders [ORDERS]` (default 1,000 at each concurrency).
 * Accepted: POST /api/orders was answered, so the order is stored. Made: the makeline has taken it into the line.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { CosmosClient } from '@azure/cosmos'
import { createClient } from '@store/contract/client'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import { processorTime } from './processUse.ts'

const concurrencies = [1, 20, 100]
const warmUp = 200

export default async function bench(args: string[]): Promise<void> {
  const count = Number(args[0] ?? 1_000)
  for (const concurrency of concurrencies) {
    // A fresh one each time: the local database gets slower with every order that it holds.
    const cloud = await startLocalCloud({ parts: ['host', 'service-bus', 'cosmos', 'blob'] })
    try {
      // With all its connections open: a busy process takes one new connection a turn, which would be measured instead.
      await round(cloud, Math.max(warmUp, 2 * concurrency), concurrency)
      const before = await processorTime(cloud.pids.host)
      const { accepted, made, latencies } = await round(cloud, count, concurrency)
      const perOrder = ((await processorTime(cloud.pids.host)) - before) / count
      console.log(
        `concurrency ${concurrency}, ${count} orders: accepted ${Math.round(accepted)}/s, made ${Math.round(made)}/s, ` +
          `answered in ${percentile(latencies, 50)} ms (p50), ${percentile(latencies, 99)} ms (p99), ` +
          `the host took ${perOrder.toFixed(2)} ms of the processor for an order`,
      )
    } finally {
      await cloud.stop()
    }
  }
}

/** Places orders; rates are per second, latencies in milliseconds. */
export async function round(cloud: LocalCloud, count: number, concurrency: number) {
  const { orders } = createClient({ baseUrl: cloud.urls.api })
  const latencies: number[] = []
  let next = 0
  const begin = performance.now()
  const client = async () => {
    while (next < count) {
      const productId = 1 + (next++ % 9)
      const sent = performance.now()
      await orders.place({ customerId: 'bench', items: [{ productId, quantity: 1 }] }, randomUUID())
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  const accepted = performance.now()
  await untilMade(cloud)
  const made = performance.now()
  const rate = (end: number) => (count / (end - begin)) * 1_000
  return { accepted: rate(accepted), made: rate(made), latencies: latencies.toSorted((a, b) => a - b) }
}

/** A client of the local cloud's database, as the SDK makes it by itself. */
export function cosmosClient({ settings }: LocalCloud): CosmosClient {
  const [, endpoint = '', key = ''] =
    /AccountEndpoint=(.+?);AccountKey=(.+?);/.exec(settings.CosmosConnection ?? '') ?? []
  return new CosmosClient({ endpoint, key })
}

/** Waits until no order is merely placed any more. */
async function untilMade(cloud: LocalCloud) {
  const { settings } = cloud
  const client = cosmosClient(cloud)
  const orders = client.database(settings.CosmosDatabase ?? '').container('orders')
  const query = "SELECT VALUE COUNT(1) FROM c WHERE c.state = 'placed'"
  while ((await orders.items.query<number>(query).fetchAll()).resources[0] !== 0) await wait(20)
  client.dispose()
}

const percentile = (sorted: number[], percent: number) =>
  (sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0).toFixed(1)
