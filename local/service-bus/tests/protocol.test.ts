import rhea from 'rhea'
import { expect, it } from 'vitest'
import { busWith } from './bus.ts'
import { code, rawClient } from './rawClient.ts'

/** What AMQP 1.0 allows and no SDK of ours does; sections are those of its part 2. */

const described = (descriptor: number, address: string) => rhea.types.wrap_described([address], descriptor)
const [source, target] = [described(0x28, 'orders'), described(0x29, 'orders')]
const clientReceives = { name: 'link', role: true, initial_delivery_count: 0, source }
const clientSends = { name: 'link', role: false, initial_delivery_count: 0, target }
const windows = { next_incoming_id: 0, incoming_window: 100, next_outgoing_id: 0, outgoing_window: 100 }
const message = Buffer.from('\x00\x53\x77\xa1\x02hi', 'latin1')

it('takes one name for a link in each direction (2.6.1), and a handle again once its link has gone', async () => {
  const { bus } = await busWith({ orders: {} })
  const { send, next, received } = await rawClient(bus.port)
  send('attach', { ...clientSends, handle: 0 })
  send('attach', { ...clientReceives, handle: 1 })
  await next(code.attach, ({ role, name }) => role === true && name === 'link')
  await next(code.attach, ({ role, name }) => role === false && name === 'link')
  send('flow', { ...windows, handle: 1, delivery_count: 0, link_credit: 1 })
  send('transfer', { handle: 0, delivery_id: 0, delivery_tag: Buffer.from('a') }, message)
  await next(code.transfer)
  send('detach', { handle: 1, closed: true })
  send('attach', { ...clientReceives, name: 'another', handle: 1 })
  await next(code.attach, ({ name }) => name === 'another')
  send('detach', { handle: 1, closed: true })
  await next(code.detach)
  await expect.poll(() => received.filter(({ performative }) => 'closed' in performative).length).toBe(2)
})

it('answers a flow that asks for an echo (2.7.4), and gives no more than its credit without a delivery count', async () => {
  const { bus, client } = await busWith({ orders: {} })
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }])
  const { send, next, received } = await rawClient(bus.port)
  send('attach', { ...clientReceives, handle: 0 })
  send('flow', { ...windows, handle: 0, link_credit: 1 })
  await next(code.transfer)
  send('flow', { ...windows, handle: 0, delivery_count: 1, link_credit: 0, echo: true })
  await next(code.flow, ({ delivery_count, link_credit }) => delivery_count === 1 && link_credit === 0)
  expect(received.filter(({ performative }) => 'delivery_tag' in performative)).toHaveLength(1)
  send('flow', { ...windows, echo: true })
  await next(code.flow, ({ handle }) => handle === undefined || handle === null)
})

it('ends a drain of a link for answers', async () => {
  const { bus } = await busWith({ orders: {} })
  const { send, next } = await rawClient(bus.port)
  send('attach', { ...clientReceives, source: described(0x28, 'orders/$management'), handle: 0 })
  send('flow', { ...windows, handle: 0, delivery_count: 0, link_credit: 5, drain: true })
  await next(code.flow, ({ delivery_count, link_credit }) => delivery_count === 5 && link_credit === 0)
})

it('counts a message that its sender aborts half-way (2.7.5), and takes the next', async () => {
  const { bus } = await busWith({ orders: {} })
  const { send, next } = await rawClient(bus.port)
  send('attach', { ...clientSends, handle: 0 })
  await next(code.flow, ({ link_credit }) => link_credit === 1000)
  const transfer = { handle: 0, delivery_tag: Buffer.from('a') }
  for (let id = 0; id < 600; id++) {
    send('transfer', { ...transfer, delivery_id: id, more: true }, message)
    send('transfer', { ...transfer, delivery_id: id, aborted: true })
  }
  send('transfer', { ...transfer, delivery_id: 600 }, message)
  await next(code.flow, ({ delivery_count }) => Number(delivery_count) > 400)
  await next(code.disposition, ({ first }) => first === 600)
  expect(bus.counts('orders')?.active).toBe(1)
})
