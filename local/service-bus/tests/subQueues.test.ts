import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusAdministrationClient } from '@azure/service-bus'
import rhea from 'rhea'
import { describe, expect, it } from 'vitest'
import { startServiceBus } from '../index.ts'
import { afterTest, busWith, configOf, connect, startBus } from './bus.ts'

describe('the transfer dead-letter queue', () => {
  // "Overview of Service Bus dead-letter queues", on ForwardTo: the destination is disabled or deleted, or full.
  it('has what a forwarding queue cannot pass on, with the reason, also after a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'transfer-'))
    afterTest(() => rm(dataDir, { recursive: true, force: true }))
    const options = { config: configOf({}), dataDir, adminPort: 0, tls: true }
    const first = await startServiceBus({ port: 0, ...options })
    const administration = new ServiceBusAdministrationClient(first.adminConnectionString as string, {
      tlsOptions: { ca: first.certificate as string },
    })
    await administration.createQueue('to')
    await administration.createQueue('from', { forwardTo: 'to' })
    const client = connect(first.connectionString)
    const sender = client.createSender('from')
    await administration.updateQueue({ ...(await administration.getQueue('to')), status: 'SendDisabled' })
    await sender.sendMessages({ body: 'shut' })
    await administration.deleteQueue('to')
    await sender.sendMessages({ body: 'gone' })
    const { transferDeadLetterMessageCount } = await administration.getQueueRuntimeProperties('from')
    expect(transferDeadLetterMessageCount).toBe(2)
    await client.close()
    await first.close()

    const second = await startBus({ port: 0, ...options })
    const receiver = connect(second.connectionString).createReceiver('from', {
      subQueueType: 'transferDeadLetter',
    })
    const [shut, gone] = await receiver.peekMessages(10)
    expect(shut).toMatchObject({ body: 'shut', deadLetterReason: 'MessagingEntityDisabled' })
    expect(gone).toMatchObject({
      body: 'gone',
      deadLetterReason: 'MessagingEntityNotFound',
      deadLetterSource: 'from',
    })
    for (const message of await receiver.receiveMessages(2)) await receiver.completeMessage(message)
    expect(second.counts('from')).toMatchObject({ active: 0, transferDeadLettered: 0 })
  })
})

it('says of a message whether its receiver is the first', async () => {
  const { client } = await busWith({ orders: {} })
  await client.createSender('orders').sendMessages({ body: 1 })
  const receiver = client.createReceiver('orders')
  const seen: unknown[] = []
  for (let delivery = 0; delivery < 2; delivery++) {
    const [message] = await receiver.receiveMessages(1)
    if (message === undefined) throw new Error('no message came')
    const { firstAcquirer, deliveryCount } = message._rawAmqpMessage.header ?? {}
    seen.push([firstAcquirer, deliveryCount])
    await receiver.abandonMessage(message)
  }
  expect(seen).toEqual([
    [true, 0],
    [false, 1],
  ])
})

/** .NET's last moment, in the milliseconds of AMQP: SDKs send it to ask for all sessions with messages. */
const anyTime = 253_402_300_800_000

it('lists sessions: those with messages, or those whose state was set since a moment', async () => {
  const { bus, client } = await busWith({ orders: { RequiresSession: true } })
  const sender = client.createSender('orders')
  await sender.sendMessages(['a', 'b', 'c'].map((sessionId) => ({ body: 1, sessionId })))
  const session = await client.acceptSession('orders', 'with state')
  await session.setSessionState('half way')
  const container = rhea.create_container()
  const connection = container.connect({
    port: bus.port,
    username: 'RootManageSharedAccessKey',
    password: 'SAS_KEY_VALUE',
    reconnect: false,
  } as never)
  afterTest(async () => connection.close())
  const node = 'orders/$management'
  connection.open_receiver({ source: node, target: { address: 'answers' } })
  const requests = connection.open_sender(node)
  await once(requests, 'sendable')
  const list = async (since: number, skip: number, top: number) => {
    requests.send({
      message_id: `${since} ${skip}`,
      reply_to: 'answers',
      application_properties: { operation: 'com.microsoft:get-message-sessions' },
      body: rhea.types.wrap_map({
        'last-updated-time': rhea.types.wrap_timestamp(since),
        skip: rhea.types.wrap_int(skip),
        top: rhea.types.wrap_int(top),
      }),
    })
    const [{ message }] = await once(connection, 'message')
    return [message.application_properties.statusCode, message.body?.['sessions-ids'], message.body?.skip]
  }
  expect(await list(anyTime, 0, 2)).toEqual([200, ['a', 'b'], 2])
  expect(await list(anyTime, 2, 2)).toEqual([200, ['c'], 3])
  expect((await list(anyTime, 3, 2))[0]).toBe(204)
  expect(await list(Date.now() - 60_000, 0, 10)).toEqual([200, ['with state'], 1])
  expect((await list(Date.now() + 60_000, 0, 10))[0]).toBe(204)
})
