import { once } from 'node:events'
import { createServer } from 'node:net'
import rhea from 'rhea'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startServiceBus } from '../index.ts'
import { afterTest, busWith, configOf, connect, eventually, startBus } from './bus.ts'
import { rawClient } from './rawClient.ts'

it('answers ten thousand management requests on one connection', async () => {
  const { client } = await busWith({ orders: {} })
  const receiver = client.createReceiver('orders')
  for (let i = 0; i < 100; i++) {
    await Promise.all(Array.from({ length: 100 }, () => receiver.peekMessages(1)))
  }
}, 240_000)

// A client's buffer of what is not settled has 2,048 places: more than fill it find the fault. `npm run test:faults` opens
// ten thousand, which take a minute.
const senders = process.env.FUZZ === 'full' ? 10_000 : 2_500

it('lets thousands of senders be opened and closed on one connection, and receives on it all the time', async () => {
  const { bus, client } = await busWith({ orders: {} })
  const bodies = new Set<unknown>()
  client.createReceiver('orders', { receiveMode: 'receiveAndDelete' }).subscribe({
    processMessage: async ({ body }) => {
      bodies.add(body)
    },
    processError: async ({ error }) => {
      throw error
    },
  })
  const open = async (body: number) => {
    const sender = client.createSender('orders')
    await sender.sendMessages({ body })
    await sender.close()
  }
  for (let i = 0; i < senders; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => open(i + n)))
  }
  await eventually(() => (bodies.size === senders ? true : undefined))
  expect(bus.counts('orders')?.active).toBe(0)
}, 300_000)

it('delivers five thousand messages before the first of them is settled', async () => {
  const { bus, client } = await busWith({ orders: { LockDuration: 'PT5M' } })
  const sender = client.createSender('orders')
  for (let i = 0; i < 5; i++) {
    await sender.sendMessages(Array.from({ length: 1000 }, (_, n) => ({ body: i * 1000 + n })))
  }
  const { send, received } = await rawClient(bus.port)
  const source = rhea.types.wrap_described(['orders'], 0x28)
  send('attach', { name: 'link', role: true, initial_delivery_count: 0, source, handle: 0 })
  const windows = { next_incoming_id: 0, incoming_window: 10_000, next_outgoing_id: 0, outgoing_window: 100 }
  send('flow', { ...windows, handle: 0, delivery_count: 0, link_credit: 5000 })
  const deliveries = () => received.filter(({ performative }) => 'delivery_tag' in performative).length
  await expect.poll(deliveries, { timeout: 30_000 }).toBe(5000)
  const accepted = rhea.types.wrap_described([], 0x24)
  send('disposition', { role: true, first: 0, last: 4999, settled: true, state: accepted })
  await expect.poll(() => bus.counts('orders')?.active, { timeout: 30_000 }).toBe(0)
})

it('delivers large and small messages through a session whose window is four frames, to who shows the key in PLAIN', async () => {
  const { bus, client } = await busWith({ orders: {} })
  const bodies = ['x'.repeat(150_000), 'b', 'c']
  await client.createSender('orders').sendMessages(bodies.map((body) => ({ body })))
  const options = {
    port: bus.port,
    username: 'RootManageSharedAccessKey',
    password: 'SAS_KEY_VALUE',
    session_buffer_size: { incoming: 4, outgoing: 100 },
    reconnect: false,
  }
  const connection = rhea.create_container().connect(options as never)
  afterTest(async () => connection.close())
  let received = 0
  await new Promise<void>((resolve, reject) => {
    connection.on('receiver_error', ({ receiver }) => reject(receiver?.error))
    connection.on('message', () => {
      if (++received === bodies.length) resolve()
    })
    connection.open_receiver({ source: 'orders', credit_window: 10 })
  })
})

it('delivers what is scheduled for one moment in its order', async () => {
  const { client } = await busWith({ orders: {} })
  const at = new Date(Date.now() + 500)
  const messages = Array.from({ length: 10 }, (_, body) => ({ body }))
  await client.createSender('orders').scheduleMessages(messages, at)
  const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
  const bodies: unknown[] = []
  while (bodies.length < 10) bodies.push(...(await receiver.receiveMessages(10)).map(({ body }) => body))
  expect(bodies).toEqual(messages.map(({ body }) => body))
})

it('refuses a message with an empty session id where sessions are required', async () => {
  const { client } = await busWith({ sessions: { RequiresSession: true } })
  const sending = client.createSender('sessions').sendMessages({ body: 1, sessionId: '' })
  await expect(sending).rejects.toThrow(/session id/)
})

it('speaks AMQP over WebSockets and TLS on the same port', async () => {
  const bus = await startBus({ tls: true, config: configOf({ orders: {} }) })
  const client = connect(bus.connectionString, {
    webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { ca: bus.certificate } },
  })
  await client.createSender('orders').sendMessages({ body: 'y'.repeat(150_000) })
  const [message] = await client.createReceiver('orders').receiveMessages(1)
  expect(message?.body).toHaveLength(150_000)
})

it('does not start where somebody else has the port on ::1', async (context) => {
  const other = createServer().listen(0, '::1')
  const listening = await once(other, 'listening').catch(() => undefined)
  if (listening === undefined) context.skip('this machine has no IPv6')
  afterTest(async () => other.close())
  const { port } = other.address() as { port: number }
  await expect(startServiceBus({ port })).rejects.toThrow(/EADDRINUSE/)
})
