/** The console's look into the local Service Bus. */
import { ServiceBusClient } from '@azure/service-bus'
import { type ServiceBus, startServiceBus } from 'local-service-bus'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { QueueReader } from './queues.ts'

let bus: ServiceBus
let reader: QueueReader
let client: ServiceBusClient
beforeAll(async () => {
  const Queues = ['orders', 'orders-failed'].map((Name) => ({ Name, Properties: {} }))
  const config = { UserConfig: { Namespaces: [{ Name: 'test', Queues }] } }
  bus = await startServiceBus({ port: 0, adminPort: 0, config })
  reader = new QueueReader(bus.connectionString, String(bus.adminPort))
  client = new ServiceBusClient(bus.connectionString)
})
afterAll(async () => {
  await client.close()
  await bus.close()
})
const send = (
  queue: string,
  ...messages: Parameters<ReturnType<ServiceBusClient['createSender']>['sendMessages']>[0][]
) => {
  const sender = client.createSender(queue)
  return sender.sendMessages(messages.flat() as never)
}

test('bodies are shown as they read: JSON, text, bytes, and the beginning of a long one', async () => {
  await send(
    'orders-failed',
    { body: Buffer.from('{"orderId":"7"}') },
    { body: '<b>no order</b>' },
    { body: Buffer.from('no order') },
    { body: 'x'.repeat(100_000) },
  )
  const [json, text, bytes, long] = await reader.messages('orders-failed')
  expect(json?.body).toBe('{\n  "orderId": "7"\n}')
  expect(text?.body).toBe('<b>no order</b>')
  expect(bytes?.body).toBe('no order')
  expect(long?.body).toMatch(/^x{20000} …$/)
})

test('of a queue that is longer than a look it is said that there is more', async () => {
  await send(
    'orders',
    ...Array.from({ length: 999 }, (_, n) => ({ messageId: `${n}`, body: { orderId: `order ${n}` } })),
  )
  const all = await reader.ordersIn('orders')
  expect([all.areAll, all.ids.has('order 998')]).toEqual([true, true])
  await send('orders', { body: { orderId: 'one more' } }, { body: { orderId: 'unseen' } })
  expect((await reader.ordersIn('orders')).areAll).toBe(false)
})

test('what is not there is refused, and so is a broker that is away', async () => {
  await expect(reader.messages('nothing')).rejects.toMatchObject({ status: 404 })
  const away = new QueueReader(bus.connectionString, '1')
  await expect(away.queues()).rejects.toMatchObject({ status: 503 })
})
