/**
 * What the local Service Bus does in a second: `npm run bench -- service-bus [MESSAGES]` (default 10,000 of 1 KB).
 * The broker runs in a process of its own; the clients run in this one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ServiceBusClient } from '@azure/service-bus'
import { startServiceBus } from '../../local/service-bus/index.ts'
import { median } from '../harness/median.ts'
import { rates } from './amqp/load.ts'
import { startRabbitMq } from './amqp/rabbitMq.ts'
import { processorTime, residentMemory } from './processUse.ts'

const queue = 'bench'
const config = {
  UserConfig: {
    Namespaces: [{ Name: 'bench', Queues: [{ Name: queue, Properties: { LockDuration: 'PT5M' } }] }],
  },
}
const body = Buffer.alloc(1024, 'x')
const backlog = 100_000

/** Sends that are under way at once, over all connections: what a busy sender does. */
const concurrency = 128

export default async function bench(args: string[]): Promise<void> {
  const count = Number(args[0] ?? 10_000)
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const configFile = join(directory, 'config.json')
  await writeFile(configFile, JSON.stringify(config))
  try {
    await startTimes(join(directory, 'start'))
    for (const dataDir of [undefined, join(directory, 'data')]) {
      const broker = await spawnBroker(configFile, dataDir)
      const mode = dataDir === undefined ? 'memory' : 'durable'
      for (const connections of [1, 8, 50]) {
        await round(broker.connectionString, connections, Math.min(count, 5_000)) // warms up both processes
        let before = await processorTimes(broker.child)
        const measured = await round(broker.connectionString, connections, count, async () => {
          before = await processorTimes(broker.child)
        })
        const after = await processorTimes(broker.child)
        const share = (who: 'broker' | 'clients') => Math.round((after[who] - before[who]) / count)
        console.log(
          `${mode}, ${connections} connection(s), ${count} messages of 1 KB: ` +
            `send ${measured.send}/s, receive and complete ${measured.receive}/s; ` +
            `processor time a message: broker ${share('broker')} µs, clients ${share('clients')} µs`,
        )
      }
      await fill(broker.connectionString, broker.child, mode)
      broker.child.kill('SIGKILL')
      await once(broker.child, 'exit')
    }
    await besideRabbitMq(configFile, join(directory, 'beside'))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Both brokers keep what they are sent; both have the same client, which is not the SDK: RabbitMQ knows no claims. */
async function besideRabbitMq(configFile: string, dataDir: string): Promise<void> {
  const rabbit = await startRabbitMq()
  if (rabbit === undefined) {
    console.log('RabbitMQ is not there (Debian: rabbitmq-server): nothing to compare with.')
    return
  }
  const { child, connectionString } = await spawnBroker(configFile, dataDir)
  const port = Number(/:(\d+);/.exec(connectionString)?.[1])
  const ours = { port, username: 'RootManageSharedAccessKey', password: 'SAS_KEY_VALUE', address: queue }
  for (const connections of [1, 8, 50]) {
    for (const [name, broker] of [
      ['RabbitMQ', rabbit],
      ['ours', ours],
    ] as const) {
      await rates(broker, connections, 3_000) // warms up
      const { send, receive } = await rates(broker, connections, 20_000)
      console.log(
        `${name}, durable, ${connections} connection(s), AMQP 1.0 without an SDK: send ${send}/s, receive ${receive}/s`,
      )
    }
  }
  await rabbit.stop()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function startTimes(dataDir: string): Promise<void> {
  for (const options of [{}, { dataDir }]) {
    const times: number[] = []
    for (let i = 0; i < 11; i++) {
      const started = performance.now()
      const bus = await startServiceBus({ port: 0, config, ...options })
      times.push(performance.now() - started)
      await bus.close()
    }
    const first = times[0] as number
    const mode = 'dataDir' in options ? 'durable' : 'memory'
    console.log(
      `${mode}, start in process: first ${first.toFixed(1)} ms, median ${median(times).toFixed(1)} ms`,
    )
  }
}

async function round(
  connectionString: string,
  connections: number,
  count: number,
  whenConnected = async () => {},
) {
  const clients = Array.from({ length: connections }, () => new ServiceBusClient(connectionString))
  const senders = clients.map((client) => client.createSender(queue))
  // Connections and links are up before the clock starts.
  for (const sender of senders) await sender.sendMessages({ body })
  await whenConnected()
  const send = await rate(count - connections, async (n) => {
    let left = n
    await Promise.all(
      Array.from({ length: concurrency }, async (_, i) => {
        const sender = senders[i % connections] as (typeof senders)[number]
        while (left-- > 0) await sender.sendMessages({ body })
      }),
    )
  })
  const receive = await rate(count, (n) => {
    return new Promise<void>((resolve) => {
      let settled = 0
      for (const client of clients) {
        const receiver = client.createReceiver(queue)
        receiver.subscribe(
          {
            processMessage: async (message) => {
              await receiver.completeMessage(message)
              if (++settled === n) resolve()
            },
            processError: async ({ error }) => console.error(error),
          },
          { autoCompleteMessages: false, maxConcurrentCalls: concurrency / connections },
        )
      }
    })
  })
  await Promise.all(clients.map((client) => client.close()))
  return { send, receive }
}

async function rate(count: number, work: (count: number) => Promise<void>): Promise<number> {
  const started = performance.now()
  await work(count)
  return Math.round(count / ((performance.now() - started) / 1000))
}

/** How much memory the broker takes for a backlog. */
async function fill(connectionString: string, child: ChildProcess, mode: string): Promise<void> {
  const before = await residentMemory(child.pid)
  const client = new ServiceBusClient(connectionString)
  const sender = client.createSender(queue)
  let sent = 0
  while (sent < backlog) {
    const batch = await sender.createMessageBatch()
    while (sent < backlog && batch.tryAddMessage({ body })) sent++
    await sender.sendMessages(batch)
  }
  const after = await residentMemory(child.pid)
  console.log(
    `${mode}, backlog of ${backlog} messages of 1 KB: ${after.toFixed(0)} MB resident (before: ${before.toFixed(0)} MB)`,
  )
  await client.close()
}

/** Microseconds of processor time that both processes have taken; NaN for the broker where there is no /proc. */
async function processorTimes({ pid }: ChildProcess): Promise<{ broker: number; clients: number }> {
  const { user, system } = process.cpuUsage()
  return { broker: (await processorTime(pid)) * 1_000, clients: user + system }
}

async function spawnBroker(configFile: string, dataDir: string | undefined) {
  const cli = new URL('../../local/service-bus/cli.mjs', import.meta.url).pathname
  const args = [
    cli,
    '--port',
    '0',
    '--config',
    configFile,
    ...(dataDir === undefined ? [] : ['--data-dir', dataDir]),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const connectionString = /Endpoint=\S+/.exec(line)?.[0]
    if (connectionString !== undefined) return { child, connectionString }
  }
  throw new Error('the broker did not start')
}
