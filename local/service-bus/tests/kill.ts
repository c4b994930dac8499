import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceBusClient } from '@azure/service-bus'
import { startBrokerProcess } from './broker-process.ts'
import { type Carrier, connectOver } from './carriers.ts'

export interface KillReport {
  readonly kills: number
  /** Sends that the broker acknowledged. */
  readonly acknowledged: number
  /** Completions that the broker acknowledged. */
  readonly completed: number
  /** Deliveries in all, with those repeated because a kill came before the completion was acknowledged. */
  readonly deliveries: number
  /** Acknowledged, and never delivered. */
  readonly lost: readonly string[]
  /** Delivered after their completion had been acknowledged. */
  readonly resurrected: readonly string[]
  readonly seconds: number
}

const queue = 'orders'

/**
 * Sends and receives at once, through the SDK, while the broker is killed (SIGKILL) and started again on the same data
 * directory, until `sends` have been acknowledged; then drains the queue and says what was lost or came back.
 */
export async function killUnderLoad({
  kills,
  sends,
  carrier = 'TCP',
}: {
  readonly kills: number
  readonly sends: number
  readonly carrier?: Carrier
}): Promise<KillReport> {
  const directory = await mkdtemp(join(tmpdir(), 'service-bus-'))
  const started = performance.now()
  try {
    const config = join(directory, 'config.json')
    const entity = { Name: queue, Properties: { LockDuration: 'PT5M', MaxDeliveryCount: 1000 } }
    await writeFile(config, JSON.stringify({ UserConfig: { Namespaces: [{ Name: 'n', Queues: [entity] }] } }))
    const ledger = new Ledger()
    for (let life = 0; life <= kills; life++) {
      const dataDir = join(directory, 'data')
      const broker = await startBrokerProcess(config, '--tls', '--data-dir', dataDir)
      const certificate = join(dataDir, 'localhost.crt')
      const client = await connectOver(carrier, broker, certificate, { retryOptions: { maxRetries: 0 } })
      const load = new Load(client, ledger, sends)
      if (life < kills) {
        await load.until(() => ledger.acknowledged.size >= (sends * (life + 1)) / (kills + 1))
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
        broker.child.kill('SIGKILL')
        await once(broker.child, 'exit')
        load.abandon()
      } else {
        await load.until(() => ledger.acknowledged.size >= sends)
        await load.drained()
        await load.close()
        broker.child.kill('SIGTERM')
        await once(broker.child, 'exit')
      }
    }
    return {
      kills,
      acknowledged: ledger.acknowledged.size,
      completed: ledger.completed.size,
      deliveries: ledger.deliveries,
      lost: [...ledger.acknowledged].filter((id) => !ledger.delivered.has(id)),
      resurrected: ledger.resurrected,
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What was promised, and what was kept, over all lives of the broker. */
class Ledger {
  readonly acknowledged = new Set<string>()
  readonly delivered = new Set<string>()
  readonly completed = new Set<string>()
  readonly resurrected: string[] = []
  deliveries = 0
  #lastId = 0

  nextId(): string {
    return `message-${++this.#lastId}`
  }
}

/** Senders and a receiver during one life of the broker. */
class Load {
  readonly #client: ServiceBusClient
  readonly #ledger: Ledger
  #stopped = false
  #watch: () => void = () => {}

  constructor(client: ServiceBusClient, ledger: Ledger, sends: number) {
    this.#client = client
    this.#ledger = ledger
    for (let i = 0; i < 16; i++) void this.#send(sends)
    this.#receive()
  }

  async #send(sends: number): Promise<void> {
    const sender = this.#client.createSender(queue)
    while (!this.#stopped && this.#ledger.acknowledged.size < sends) {
      // An id whose send failed is never used again: the broker may have it, or not.
      const messageId = this.#ledger.nextId()
      try {
        await sender.sendMessages({ body: 'x'.repeat(200), messageId })
        this.#ledger.acknowledged.add(messageId)
        this.#watch()
      } catch {
        if (!this.#stopped) await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }

  #receive(): void {
    const receiver = this.#client.createReceiver(queue)
    receiver.subscribe(
      {
        processMessage: async (message) => {
          const id = String(message.messageId)
          this.#ledger.deliveries++
          this.#ledger.delivered.add(id)
          if (this.#ledger.completed.has(id)) this.#ledger.resurrected.push(id)
          await receiver.completeMessage(message)
          this.#ledger.completed.add(id)
          this.#watch()
        },
        processError: async () => {},
      },
      { autoCompleteMessages: false, maxConcurrentCalls: 16 },
    )
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#watch = () => {
        if (condition()) resolve()
      }
      this.#watch()
    })
  }

  /** Resolves once the queue is empty. */
  async drained(): Promise<void> {
    const receiver = this.#client.createReceiver(queue)
    while ((await receiver.peekMessages(1)).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 50))
  }

  abandon(): void {
    this.#stopped = true
    this.#client.close().catch(() => {})
  }

  async close(): Promise<void> {
    this.#stopped = true
    await this.#client.close()
  }
}
