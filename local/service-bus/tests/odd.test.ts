import { ServiceBusAdministrationClient, type ServiceBusReceivedMessage } from '@azure/service-bus'
import rhea from 'rhea'
import { describe, expect, it } from 'vitest'
import { busWith, configOf, connect, startBus } from './bus.ts'
import { code, rawClient } from './rawClient.ts'

const described = (descriptor: number, address: string) => rhea.types.wrap_described([address], descriptor)
const windows = { next_incoming_id: 0, incoming_window: 100, next_outgoing_id: 0, outgoing_window: 100 }
const clientSends = {
  name: 'to',
  role: false,
  handle: 0,
  initial_delivery_count: 0,
  target: described(0x29, 'orders'),
}
const clientReceives = {
  name: 'from',
  role: true,
  handle: 1,
  rcv_settle_mode: 1,
  source: described(0x28, 'orders'),
}

describe('a message that no SDK would send', () => {
  it('is refused when its application properties are no map (AMQP 1.0, 3.2.5)', async () => {
    const { bus } = await busWith({ orders: {} })
    const { send, next } = await rawClient(bus.port)
    send('attach', clientSends)
    const list = Buffer.from('\0\x53\x74\xc0\x04\x01\xa1\x01x', 'latin1')
    const text = Buffer.from('\0\x53\x74\xa1\x01x', 'latin1')
    const body = Buffer.from('\0\x53\x77\xa1\x02hi', 'latin1')
    for (const [delivery_id, properties] of [list, text].entries()) {
      const transfer = { handle: 0, delivery_id, delivery_tag: Buffer.from([delivery_id]) }
      send('transfer', transfer, Buffer.concat([properties, body]))
      const { performative } = await next(code.disposition, ({ first }) => first === delivery_id)
      expect(JSON.stringify(performative.state)).toContain('amqp:decode-error')
    }
    expect(bus.counts('orders')?.active).toBe(0)
  })

  it('may have a property with a moment that no calendar has, which a rule copies', async () => {
    const rule = { SqlFilter: { SqlExpression: '1=1' }, Action: { SqlExpression: 'SET copied = moment' } }
    const Rules = [{ Name: 'copy', Properties: { FilterType: 'Sql', ...rule } }]
    const { bus } = await busWith({}, [{ Name: 'orders', Subscriptions: [{ Name: 'all', Rules }] }])
    const { send, next } = await rawClient(bus.port)
    const never = Buffer.from('837fffffffffffffff', 'hex')
    const entry = Buffer.concat([Buffer.from('\xa1\x06moment', 'latin1'), never])
    const properties = Buffer.concat([Buffer.from([0, 0x53, 0x74, 0xc1, entry.length + 1, 2]), entry])
    send('attach', clientSends)
    send('transfer', { handle: 0, delivery_id: 0, delivery_tag: Buffer.from('a') }, properties)
    await next(code.disposition)
    send('attach', { ...clientReceives, source: described(0x28, 'orders/Subscriptions/all') })
    send('flow', { ...windows, handle: 1, delivery_count: 0, link_credit: 1 })
    const { payload } = await next(code.transfer)
    expect(payload?.toString('latin1').split(never.toString('latin1'))).toHaveLength(3)
  })
})

// "Suspend and reactivate messaging entities": nothing is received from who is ReceiveDisabled.
it('gives nobody the deferred messages of a queue from which nothing is received', async () => {
  const bus = await startBus({ adminPort: 0, tls: true, config: configOf({ orders: {} }) })
  const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
  await client.createSender('orders').sendMessages({ body: 1 })
  const receiver = client.createReceiver('orders')
  const [message] = (await receiver.receiveMessages(1)) as [ServiceBusReceivedMessage]
  await receiver.deferMessage(message)
  const tlsOptions = { ca: bus.certificate as string }
  const administration = new ServiceBusAdministrationClient(bus.adminConnectionString as string, {
    tlsOptions,
  })
  const orders = await administration.getQueue('orders')
  await administration.updateQueue({ ...orders, status: 'ReceiveDisabled' })
  const number = message.sequenceNumber as never
  await expect(client.createReceiver('orders').receiveDeferredMessages(number)).rejects.toMatchObject({
    code: 'MessagingEntityDisabled',
  })
  expect(bus.counts('orders')?.deferred).toBe(1)
})

it('refuses to schedule a message that could not be sent', async () => {
  const { bus, client } = await busWith({ orders: {} })
  const sender = client.createSender('orders')
  const later = new Date(Date.now() + 3_600_000)
  await expect(sender.scheduleMessages({ body: Buffer.alloc(300_000) }, later)).rejects.toMatchObject({
    code: 'MessageSizeExceeded',
  })
  expect(bus.counts('orders')?.scheduled).toBe(0)
})
