import { once } from 'node:events'
import { createServer } from 'node:net'
import rhea from 'rhea'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startServiceBus } from '../index.ts'
import { afterTest, busWith, configOf, connect, startBus } from './bus.ts'

it('answers ten thousand management requests on one connection', async () => {
  const { client } = await busWith({ orders: {} })
  const receiver = client.createReceiver('orders')
  for (let i = 0; i < 100; i++) {
    await Promise.all(Array.from({ length: 100 }, () => receiver.peekMessages(1)))
  }
}, 240_000)

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
