import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import rhea, { type ConnectionOptions } from 'rhea'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts'
import { afterTest, configOf, connect } from './bus.ts'

/** What ended a broker, or held it up, when one client of it was wrong: each leaves the others served. */

let directory: string
let broker: BrokerProcess

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const config = join(directory, 'config.json')
  await writeFile(config, JSON.stringify(configOf({ orders: {}, healthy: {} })))
  broker = await startBrokerProcess(config, '--data-dir', join(directory, 'data'))
})

afterAll(async () => {
  broker.child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

async function expectHealth(): Promise<void> {
  const client = connect(broker.connectionString)
  await client.createSender('healthy').sendMessages({ body: 1 })
  const [message] = await client
    .createReceiver('healthy', { receiveMode: 'receiveAndDelete' })
    .receiveMessages(1)
  expect(message?.body).toBe(1)
  expect(broker.child.exitCode).toBeNull()
}

function amqp(options: object = {}) {
  const connection = rhea.create_container().connect({
    port: broker.port,
    username: 'RootManageSharedAccessKey',
    password: 'SAS_KEY_VALUE',
    reconnect: false,
    ...options,
  } as ConnectionOptions)
  for (const event of ['connection_error', 'error', 'protocol_error', 'disconnected'])
    connection.on(event, () => {})
  afterTest(async () => connection.close())
  return connection
}

it.each([1, 96, 511])(
  'closes a connection whose frames may have %i bytes: AMQP 1.0 wants 512',
  async (size) => {
    const client = connect(broker.connectionString)
    await client.createSender('orders').sendMessages({ body: 'x'.repeat(2000) })
    const connection = amqp({ max_frame_size: size })
    connection.open_receiver({ source: 'orders', credit_window: 10 })
    const [{ connection: closed }] = await once(connection, 'connection_close')
    expect(closed.error.condition).toBe('amqp:invalid-field')
    await expectHealth()
  },
)

it('delivers in frames of 512 bytes', async () => {
  const connection = amqp({ max_frame_size: 512 })
  await connect(broker.connectionString)
    .createSender('orders')
    .sendMessages({ body: 'y'.repeat(20_000) })
  connection.open_receiver({ source: 'orders', credit_window: 100 })
  await expect
    .poll(() => once(connection, 'message').then(([{ message }]) => message.body.content.length), {
      timeout: 20_000,
    })
    .toBeGreaterThan(2000)
})

it.each(['//', '//[', 'http://[/'])('answers a WebSocket asked for at %s', async (path) => {
  const socket = createConnection(broker.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 40[04] /)
  await expectHealth()
})

it.each([
  ['a map', rhea.types.wrap_map({ a: 1 })],
  ['a list', rhea.types.wrap_list([1])],
  ['a boolean', rhea.types.wrap(true)],
])('answers a request whose message id is %s, which none can be', async (_, id) => {
  expect((await ask(id as never)).correlation_id).toBeUndefined()
})

it.each([
  ['a UUID', rhea.types.wrap_uuid(Buffer.from('00112233445566778899aabbccddeeff', 'hex'))],
  ['bytes', rhea.types.wrap_binary(Buffer.from('abc'))],
  ['a text', rhea.types.wrap_string('request-1')],
  ['a large number', rhea.types.wrap_ulong(Buffer.from('fffffffffffffff0', 'hex') as never)],
])('echoes a message id that is %s', async (_, id) => {
  const { correlation_id } = await ask(id as never)
  expect(correlation_id).toEqual((id as { value: unknown }).value)
})

/** Asks the management node to peek; resolves with its answer. */
async function ask(message_id: string): Promise<{ correlation_id?: unknown }> {
  const connection = amqp()
  const node = 'orders/$management'
  connection.open_receiver({ source: node, target: { address: 'answers' } })
  const sender = connection.open_sender(node)
  await once(sender, 'sendable')
  sender.send({
    message_id,
    reply_to: 'answers',
    application_properties: { operation: 'com.microsoft:peek-message' },
    body: { 'from-sequence-number': 0, 'message-count': 1 },
  })
  return (await once(connection, 'message'))[0].message
}
