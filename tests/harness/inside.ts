/** What a test sees inside the local cloud, with the real SDKs: documents in Cosmos DB, messages in the queue. */
import { CosmosClient } from '@azure/cosmos'
import { ServiceBusClient } from '@azure/service-bus'
import type { OrderState } from '@store/contract'
import type { Settings } from '../../local/cloud/settings.ts'

/** The part of an order's document that tests look at. */
export interface OrderDocument {
  id: string
  customerId: string
  /** Prices in cents. */
  items: { productId: number; name: string; quantity: number; unitPrice: number }[]
  total: number
  state: OrderState
  createdAt: string
  history: { state: OrderState; at: string }[]
}

/** Every order that is stored. */
export async function storedOrders(settings: Settings): Promise<OrderDocument[]> {
  const [, endpoint = '', key = ''] =
    /AccountEndpoint=(.+?);AccountKey=(.+?);/.exec(settings.CosmosConnection ?? '') ?? []
  const client = new CosmosClient({ endpoint, key })
  try {
    const orders = client.database(settings.CosmosDatabase ?? '').container('orders')
    return (await orders.items.readAll<OrderDocument>().fetchAll()).resources
  } finally {
    client.dispose()
  }
}

/** The messages that wait in the queue of placed orders, or in its dead-letter queue; nothing is taken out. */
export async function queuedMessages(settings: Settings, which: 'queue' | 'deadLetter' = 'queue') {
  const client = new ServiceBusClient(settings.ServiceBusConnection ?? '')
  try {
    const receiver = client.createReceiver(
      settings.OrdersQueue ?? '',
      which === 'deadLetter' ? { subQueueType: 'deadLetter' } : {},
    )
    return await receiver.peekMessages(1000)
  } finally {
    await client.close()
  }
}
