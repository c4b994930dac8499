import { once } from 'node:events'
import { createConnection } from 'node:net'
import { connect as connectTls } from 'node:tls'
import rhea from 'rhea'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { afterTest, busWith, configOf, eventually, startBus } from './bus.ts'
import { upgradeRequest, webSocketMessage } from './carriers.ts'
import { code, rawClient } from './rawClient.ts'

/** What one connection may take of the broker. */

const target = (name: string) => rhea.types.wrap_described([name], 0x29)
const source = (name: string, filter?: object) =>
  rhea.types.wrap_described([name, null, null, null, null, null, null, filter], 0x28)

describe('messages that are not finished', () => {
  const part = Buffer.alloc(60_000)
  const messages = 300 // of 240 KB each: more than the 64 MB that a connection may have

  it('are held up to a bound over all links, and the rest of the connection works on', async () => {
    const { bus, client } = await busWith({ orders: {} })
    const { send, next } = await rawClient(bus.port)
    for (let handle = 0; handle < messages; handle++) {
      send('attach', { name: `link ${handle}`, role: false, handle, target: target('orders') })
    }
    await next(code.attach, ({ name }) => name === `link ${messages - 1}`)
    const begin = (handle: number) => {
      const fields = { handle, delivery_id: handle, delivery_tag: Buffer.from('t') }
      for (let i = 0; i < 4; i++) send('transfer', { ...fields, more: true }, part)
    }
    const finish = (handle: number, delivery_id = handle) =>
      send('transfer', { handle, delivery_id, delivery_tag: Buffer.from('t'), more: false }, Buffer.alloc(1))
    const outcomeOf = async (delivery: number) => {
      const { performative } = await next(code.disposition, ({ first }) => first === delivery)
      const { descriptor, value } = performative.state as {
        descriptor: { value: number }
        value: { value: { value: string }[] }[]
      }
      return descriptor.value === 0x24 ? 'accepted' : value[0]?.value[0]?.value
    }
    for (let handle = 0; handle < messages; handle++) begin(handle)
    finish(messages - 1)
    expect(await outcomeOf(messages - 1)).toBe('amqp:resource-limit-exceeded')
    // What its link takes with it, and what is finished, leaves room.
    for (let handle = 1; handle < 200; handle++) send('detach', { handle, closed: true })
    finish(0)
    expect(await outcomeOf(0)).toBe('amqp:decode-error') // zeros: no message, but all of it was there
    begin(299)
    finish(299, 1000)
    expect(await outcomeOf(299)).toBe('amqp:resource-limit-exceeded')
    await client.createSender('orders').sendMessages({ body: 1 })
    expect(bus.counts('orders')?.active).toBe(1)
  })
})

it('cuts off who attaches links without end, and takes no note of their refusals', async () => {
  const { bus, client } = await busWith({ orders: {} })
  const { send, socket } = await rawClient(bus.port)
  const cut = new Promise((resolve) => socket.once('close', resolve))
  for (let handle = 0; handle < 5_000; handle++) {
    send('attach', { name: `link ${handle}`, role: false, handle, target: target('nowhere') })
  }
  await cut
  await client.createSender('orders').sendMessages({ body: 1 })
})

it('lets who waits for a session wait as long as it asks, though no timer holds so many milliseconds', async () => {
  const { bus, client } = await busWith({ orders: { RequiresSession: true } })
  for (const [i, timeout] of [2 ** 31, Buffer.from('fffffffffffffff0', 'hex')].entries()) {
    const { send, next, received } = await rawClient(bus.port)
    const filter = { 'com.microsoft:session-filter': null }
    const properties = { 'com.microsoft:timeout': rhea.types.wrap_ulong(timeout as number) }
    const from = source('orders', rhea.types.wrap_symbolic_map(filter))
    send('attach', { name: 'waits', role: true, handle: 0, source: from, properties })
    await client.createSender('orders').sendMessages({ body: 1, sessionId: `s${i}` })
    await next(code.attach)
    const detached = received.some(({ performative }) => 'closed' in performative)
    expect(detached).toBe(false)
  }
})

describe('a client that leaves something half sent', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const request = 'GET /$servicebus/websocket HTTP/1.1\r\nHost: localhost\r\n'
  it.each([
    ['a request for a WebSocket', 'port', request],
    ['an HTTP request over TLS', 'adminPort', 'GET /health HTTP/1.1\r\n'],
    [
      'the body of a request',
      'adminPort',
      'PUT /q HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n',
    ],
    ['the beginning of anything', 'adminPort', ''],
    ['the beginning of AMQP', 'port', 'AMQP'],
  ] as const)('is cut off: %s', async (what, port, text) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const bus = await startBus({ adminPort: 0, tls: true, config: configOf({ orders: {} }) })
    const options = { port: bus[port] as number, host: '127.0.0.1', rejectUnauthorized: false }
    const isTls = what.endsWith('over TLS')
    const socket = isTls ? connectTls(options) : createConnection(options)
    afterTest(async () => socket.destroy())
    socket.on('error', () => {})
    socket.resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await once(socket, isTls ? 'secureConnect' : 'connect')
    if (text !== '') socket.write(text)
    // Its bytes are there before time passes; then it drips.
    const other = createConnection(options)
    await once(other, 'connect')
    other.destroy()
    for (let seconds = 0; seconds < 60 && !socket.destroyed; seconds += 10) {
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      if (text.includes('HTTP')) socket.write('X')
      vi.advanceTimersByTime(10_000)
    }
    await closed
  })
})

it('lets go of who is cut off on a WebSocket, and does not close its end', async () => {
  const lines: string[] = []
  const bus = await startBus({ log: (line) => lines.push(line) })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const socket = createConnection(bus.port, '127.0.0.1')
  afterTest(async () => socket.destroy())
  socket.on('error', () => {})
  socket.write(upgradeRequest)
  await once(socket, 'data')
  socket.write(webSocketMessage(Buffer.from('not AMQP')))
  const said = async (what: RegExp) => {
    while (!lines.some((line) => what.test(line))) await new Promise((resolve) => setImmediate(resolve))
  }
  await said(/connection 1: cut off/)
  vi.advanceTimersByTime(10_000)
  await said(/connection 1: closed/)
  vi.useRealTimers()
})

it('serves a request after request over one connection', async () => {
  const bus = await startBus({ adminPort: 0 })
  const socket = createConnection(bus.adminPort as number, '127.0.0.1')
  afterTest(async () => socket.destroy())
  let answers = ''
  socket.on('data', (data) => (answers += data))
  for (let i = 1; i <= 3; i++) {
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await eventually(() => (answers.split('healthy').length > i ? true : undefined))
  }
})

it('rolls back what a client has begun when it closes its link to the coordinator (AMQP 1.0, 4.2)', async () => {
  const { bus } = await busWith({ orders: {} })
  const { send, next } = await rawClient(bus.port)
  const coordinator = rhea.types.wrap_described([], 0x30)
  /** A message whose body is a described list, encoded by hand: rhea encodes none. */
  const request = (handle: number, delivery_id: number, code: number, fields: Buffer, count: number) => {
    const body = Buffer.from([0x00, 0x53, 0x77, 0x00, 0x53, code, 0xc0, fields.length + 1, count])
    const tag = { handle, delivery_id, delivery_tag: Buffer.from('t') }
    send('transfer', tag, Buffer.concat([body, fields]))
  }
  for (const handle of [0, 1]) {
    send('attach', { name: `transactions ${handle}`, role: false, handle, target: coordinator })
  }
  request(0, 0, 0x31, Buffer.alloc(0), 0) // declare
  const { performative } = await next(code.disposition, ({ first }) => first === 0)
  const [id] = (performative.state as { value: { value: Buffer }[] }).value
  send('detach', { handle: 0, closed: true })
  await next(code.detach)
  const transaction = id?.value as Buffer
  const discharge = Buffer.concat([Buffer.from([0xa0, transaction.length]), transaction, Buffer.from([0x42])])
  request(1, 1, 0x32, discharge, 2)
  const refused = await next(code.disposition, ({ first }) => first === 1)
  expect(JSON.stringify(refused.performative.state)).toContain('amqp:transaction:unknown-id')
})
