import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import Long from 'long'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts'
import { configOf, connect } from './bus.ts'
import { type Carrier, carriers, openSocket, upgradeRequest } from './carriers.ts'

/** `npm run test:faults` attacks over every carrier as hard as over TCP; otherwise those do that know a few attacks. */
const isFull = process.env.FUZZ === 'full'

const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1')
const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1')

/** An AMQP frame around a performative: a described list with these encoded fields. */
function frame(
  code: number,
  fields: Buffer,
  count: number,
  { channel = 0, payload = Buffer.alloc(0) } = {},
): Buffer {
  const list = Buffer.concat([
    Buffer.from([0x00, 0x53, code, 0xd0]),
    uint32(fields.length + 4),
    uint32(count),
    fields,
  ])
  return Buffer.concat([
    uint32(8 + list.length + payload.length),
    Buffer.from([2, 0, channel >> 8, channel & 255]),
    list,
    payload,
  ])
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value >>> 0)
  return buffer
}

const open = frame(0x10, Buffer.from('\xa1\x01x', 'latin1'), 1)
const begin = (channel = 0) =>
  frame(0x11, Buffer.from([0x40, 0x43, 0x70, 0, 0, 8, 0, 0x70, 0, 0, 8, 0]), 4, { channel })

let directory: string
let broker: BrokerProcess
/** What a client of the SDK writes while it sends, receives and settles; its token stays good for the test. */
let recording: Buffer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuzz-'))
  const config = join(directory, 'config.json')
  await writeFile(config, JSON.stringify(configOf({ orders: { LockDuration: 'PT5S' }, healthy: {} })))
  broker = await startBrokerProcess(config, '--tls')
  recording = await record()
})

afterAll(async () => {
  broker.child.kill()
  await rm(directory, { recursive: true, force: true })
})

async function record(): Promise<Buffer> {
  const chunks: Buffer[] = []
  const server = createServer((inside) => {
    const outside = createConnection(broker.port, '127.0.0.1')
    inside.on('data', (chunk: Buffer) => chunks.push(chunk))
    for (const socket of [inside, outside]) socket.on('error', () => {})
    inside.pipe(outside).pipe(inside)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(broker.connectionString.replace(`:${broker.port}`, `:${port}`))
  await client
    .createSender('orders')
    .sendMessages([{ body: 'a' }, { body: { b: 1 }, applicationProperties: { c: 2 } }])
  const receiver = client.createReceiver('orders')
  for (const message of await receiver.receiveMessages(2)) await receiver.completeMessage(message)
  await receiver.peekMessages(1)
  await client.close()
  server.close()
  return Buffer.concat(chunks)
}

/** Writes bytes to the port and waits until the broker has read them all, or has cut the connection. */
async function attack(carrier: Carrier, ...chunks: Buffer[]): Promise<void> {
  const { socket, wrap } = await openSocket(carrier, broker.port)
  socket.setMaxListeners(50)
  socket.on('error', () => {})
  socket.resume()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const chunk of chunks) {
    if (!socket.destroyed && !socket.write(wrap(chunk))) {
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
    }
  }
  socket.end()
  await closed
}

/** A client that is connected before the attack begins. */
async function healthyClient() {
  const client = connect(broker.connectionString)
  await expectHealth(client)
  return client
}

/** The broker lives, and a client that was connected all the time is served. */
async function expectHealth(healthy: ReturnType<typeof connect>): Promise<void> {
  const body = Math.random()
  await healthy.createSender('healthy').sendMessages({ body })
  const receiver = healthy.createReceiver('healthy', { receiveMode: 'receiveAndDelete' })
  expect((await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 }))[0]?.body).toBe(body)
  await receiver.close()
  expect(broker.child.exitCode).toBeNull()
}

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${broker.child.pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

/** The beginnings of what the port speaks beside AMQP: TLS, HTTP and WebSockets. */
const otherProtocols = ['\x16\x03\x01\x02', 'GET / HTTP/1.1\r\n', upgradeRequest].map((text) =>
  Buffer.from(text, 'latin1'),
)

/** Where the recording's first transfer begins: up to there, the links are attached. */
function attachedAt(stream: Buffer): number {
  const transfer = Buffer.from([0x00, 0x53, 0x14])
  const at = stream.indexOf(transfer)
  return at < 0 ? stream.length : at - 8
}

describe.each(carriers)('anything on the port, over %s', (carrier) => {
  const isThorough = isFull || carrier === 'TCP'
  const runs = (many: number) => ({ numRuns: isThorough ? many : Math.ceil(many / 20) })

  it('random bytes, with and without a proper beginning', async () => {
    const healthy = await healthyClient()
    const start = fc.constantFrom(
      Buffer.alloc(0),
      saslHeader,
      amqpHeader,
      Buffer.concat([amqpHeader, open, begin()]),
      ...(carrier === 'TCP' ? otherProtocols : []),
    )
    await fc.assert(
      fc.asyncProperty(start, bytes(2_000), (prefix, noise) => attack(carrier, prefix, noise)),
      runs(150),
    )
    await expectHealth(healthy)
  })

  it('performatives with wrong fields, in any order, in any state', async () => {
    const healthy = await healthyClient()
    const field = fc.oneof(
      fc
        .constantFrom(
          '\x40',
          '\x41',
          '\x42',
          '\x43',
          '\x44',
          '\x45',
          '\xa1\x01x',
          '\xa3\x04$cbs',
          '\xc1\x01\x00',
        )
        .map((s) => Buffer.from(s, 'latin1')),
      fc.nat(0xffffffff).map((n) => Buffer.concat([Buffer.from([0x70]), uint32(n)])),
      fc.constant(Buffer.from('\x00\x53\x28\xc0\x0a\x01\xa1\x06orders', 'latin1')),
      fc.constant(Buffer.from('\x00\x53\x29\xc0\x07\x01\xa1\x04$cbs', 'latin1')),
    )
    const performative = fc
      .tuple(fc.integer({ min: 0x10, max: 0x18 }), fc.array(field, { maxLength: 12 }), fc.nat(3), bytes(100))
      .map(([code, fields, channel, payload]) =>
        frame(code, Buffer.concat(fields), fields.length, { channel, payload }),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(performative, { maxLength: 8 }), (frames) =>
        attack(carrier, amqpHeader, open, begin(), ...frames),
      ),
      runs(300),
    )
    await expectHealth(healthy)
  })

  it('the bytes of a real client, with some of them changed, missing or repeated', async () => {
    const healthy = await healthyClient()
    const orders = healthy.createReceiver('orders')
    const peek = async () =>
      (await orders.peekMessages(1000, { fromSequenceNumber: Long.ONE })).map((m) => m.body)
    const before = await peek()
    await attack(carrier, recording)
    expect(await peek()).toEqual([...before, 'a', { b: 1 }]) // the recording is good
    const damage = fc.record({
      flips: fc.array(fc.tuple(fc.nat(recording.length - 1), fc.nat(255)), { maxLength: 4 }),
      cut: fc.nat(recording.length),
      repeat: fc.tuple(fc.nat(recording.length), fc.nat(300)),
    })
    await fc.assert(
      fc.asyncProperty(damage, ({ flips, cut, repeat: [from, length] }) => {
        const damaged = Buffer.from(recording)
        for (const [at, value] of flips) damaged[at] = value
        return attack(
          carrier,
          damaged.subarray(0, cut),
          damaged.subarray(from, from + length),
          damaged.subarray(cut),
        )
      }),
      runs(300),
    )
    await expectHealth(healthy)
  })

  it('lengths and counts that promise far more than there is', async () => {
    const healthy = await healthyClient()
    const before = await residentMegabytes()
    const greedy = [
      uint32(0xfffffff0), // a frame of 4 GB
      Buffer.concat([uint32(64 * 1024 * 1024), Buffer.alloc(100_000)]),
      frame(0x10, Buffer.concat([Buffer.from([0xb1]), uint32(0xffffffff)]), 1), // a text of 4 GB
      frame(0x10, Buffer.alloc(0), 0xffffffff), // a list of four thousand million fields
      frame(
        0x10,
        Buffer.concat([Buffer.from([0xf0]), uint32(5), uint32(0xffffffff), Buffer.from([0x40])]),
        1,
      ), // as many nulls
      frame(0x11, Buffer.alloc(3_000, 0x00), 1), // descriptors of descriptors
    ]
    for (let round = 0; round < (isThorough ? 20 : 1); round++)
      for (const bait of greedy) await attack(carrier, amqpHeader, open, bait)
    await expectHealth(healthy)
    expect((await residentMegabytes()) - before).toBeLessThan(150)
  })

  it('a message without end, a flood of sessions, a settlement of everything', async () => {
    const healthy = await healthyClient()
    const attached = recording.subarray(0, attachedAt(recording))
    const part = frame(0x14, Buffer.from([0x43, 0x43, 0xa0, 0x01, 0x31, 0x43, 0x42, 0x41]), 6, {
      payload: Buffer.alloc(60_000),
    })
    const range = Buffer.concat([Buffer.from([0x43, 0x70]), uint32(0xffffffff), Buffer.from([0x41])])
    const [received, sent] = [0x41, 0x42].map((role) =>
      frame(0x15, Buffer.concat([Buffer.from([role]), range]), 4),
    )
    const sessions = (first: number, count: number) =>
      Array.from({ length: count }, (_, i) => begin(first + i))
    const round = async () => {
      await attack(carrier, attached, ...Array.from({ length: isThorough ? 2_000 : 200 }, () => part))
      await attack(
        carrier,
        amqpHeader,
        open,
        ...Array.from({ length: 20 }, (_, i) => Buffer.concat(sessions(1_000 * i, 1_000))),
      )
      await attack(carrier, amqpHeader, open, begin(), received as Buffer, sent as Buffer)
    }
    const before = await residentMegabytes()
    for (let i = 0; i < (isThorough ? 3 : 1); i++) await round()
    await expectHealth(healthy)
    // 360 MB came in where all is done; what stays is what the garbage collector has not looked at yet.
    expect((await residentMegabytes()) - before).toBeLessThan(250)
  })
})
