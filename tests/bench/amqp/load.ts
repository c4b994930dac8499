/** Messages of 1 KB through any broker of AMQP 1.0, by a client that is nobody's SDK: rhea as it comes. */
import { once } from 'node:events'
import rhea, { type Connection, type Sender } from 'rhea'

/** A broker with a queue that is there, or comes into being when it is asked for. */
export interface Broker {
  readonly port: number
  readonly username: string
  readonly password: string
  readonly address: string
}

export interface Rates {
  /** Messages a second that the broker has accepted. */
  readonly send: number
  /** Messages a second that were received and accepted. */
  readonly receive: number
}

const body = Buffer.alloc(1024, 'x')

/** Sends that are under way at once, and credit for receiving, over all connections. */
const concurrency = 128

/** Sends `count` durable messages over so many connections, and receives them. */
export async function rates(broker: Broker, connections: number, count: number): Promise<Rates> {
  const { port, username, password } = broker
  const container = rhea.create_container()
  const opened = Array.from({ length: connections }, () =>
    container.connect({ host: '127.0.0.1', port, username, password, reconnect: false }),
  )
  const send = await timed(count, () => sendAll(opened, broker.address, count))
  const receive = await timed(count, () => receiveAll(opened, broker.address, count))
  const closed = opened.map((connection) => once(connection, 'connection_close'))
  for (const connection of opened) connection.close()
  await Promise.all(closed)
  return { send, receive }
}

async function timed(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return Math.round(count / ((performance.now() - started) / 1000))
}

async function sendAll(connections: readonly Connection[], address: string, count: number): Promise<void> {
  const senders = connections.map((connection) => connection.open_sender(address))
  await Promise.all(senders.map((sender) => once(sender, 'sendable')))
  let unsent = count
  let accepted = 0
  await new Promise<void>((resolve) => {
    const next = (sender: Sender) => {
      if (unsent-- > 0) sender.send({ durable: true, body: rhea.message.data_section(body) })
    }
    for (const sender of senders) {
      sender.on('accepted', () => {
        if (++accepted === count) resolve()
        else next(sender)
      })
      for (let i = 0; i < concurrency / senders.length; i++) next(sender)
    }
  })
  for (const sender of senders) sender.close()
}

async function receiveAll(connections: readonly Connection[], address: string, count: number): Promise<void> {
  let received = 0
  await new Promise<void>((resolve) => {
    for (const connection of connections) {
      const credit_window = Math.ceil(concurrency / connections.length)
      connection.open_receiver({ source: address, credit_window }).on('message', () => {
        if (++received === count) resolve()
      })
    }
  })
}
