/**
 * What the SDKs' calls of an order take of the processor, with no app and no host around them: `npm run bench -- sdkCalls
 * [ORDERS]` (default 3,000, twenty at once). The rest of an order's price is the store's, the programming model's and the
 * host's.
 */
import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { startLocalCloud } from '../../local/cloud/cloud.ts'
import { cosmosClient } from './orders.ts'

const concurrency = 20
/** As `maxMessageBatchSize` of host.json. */
const batch = 64

export default async function bench(args: string[]): Promise<void> {
  const count = Number(args[0] ?? 3_000)
  const cloud = await startLocalCloud({ parts: ['service-bus', 'cosmos', 'blob'] })
  const cosmos = cosmosClient(cloud)
  const orders = cosmos.database(cloud.settings.CosmosDatabase ?? '').container('orders')
  const bus = new ServiceBusClient(cloud.settings.ServiceBusConnection ?? '')
  const sender = bus.createSender('orders')
  const receiver = bus.createReceiver('orders')
  let ids: string[] = []

  const calls: Record<string, () => Promise<unknown>> = {
    async create() {
      ids = Array.from({ length: count }, () => randomUUID())
      await eachOf(ids, (id) => orders.items.create(order(id)))
    },
    patch: () =>
      eachOf(ids, (id) =>
        orders.item(id, id).patch({
          condition: "FROM c WHERE c.state = 'placed' OR c.state = 'pending'",
          operations: [
            { op: 'set', path: '/state', value: 'pending' },
            { op: 'add', path: '/history/-', value: { state: 'pending', at: new Date().toISOString() } },
          ],
        }),
      ),
    send: () => eachOf(ids, (id) => sender.sendMessages({ messageId: id, body: { orderId: id } })),
    async 'receive and complete'() {
      for (let left = count; left > 0; ) {
        const messages = await receiver.receiveMessages(Math.min(batch, left))
        await Promise.all(messages.map((message) => receiver.completeMessage(message)))
        left -= messages.length
      }
    },
  }
  try {
    for (const [name, call] of Object.entries(calls)) {
      await call() // warms up
      const before = process.cpuUsage()
      await call()
      const { user, system } = process.cpuUsage(before)
      console.log(`${name}: ${((user + system) / 1_000 / count).toFixed(2)} ms of the processor`)
    }
  } finally {
    await bus.close()
    cosmos.dispose()
    await cloud.stop()
  }
}

async function eachOf(ids: readonly string[], call: (id: string) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) await call(id)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** As much as an order of one line has. */
const order = (id: string) => ({
  id,
  customerId: 'bench',
  state: 'placed',
  currency: 'USD',
  createdAt: new Date().toISOString(),
  items: [{ productId: 1, name: "Captain Kelpie's Salty Dog Chew Toys", price: 12.99, quantity: 1 }],
  total: 12.99,
  history: [{ state: 'placed', at: new Date().toISOString() }],
})
