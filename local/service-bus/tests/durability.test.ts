import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { describe, expect, it, vi } from 'vitest'
import { startServiceBus } from '../index.ts'
import { sqliteStore } from '../storage/sqlite.ts'
import { afterTest, configOf, connect, eventually, startBus } from './bus.ts'
import { killUnderLoad } from './kill.ts'

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'service-bus-'))
  afterTest(() => rm(directory, { recursive: true, force: true }))
  return directory
}

describe('a broker with a data directory', () => {
  it('has everything after a restart: messages, their state and changes, sessions, what it has seen', async () => {
    const dataDir = await temporaryDirectory()
    const config = configOf(
      {
        plain: {},
        unique: { RequiresDuplicateDetection: true },
        grouped: { RequiresSession: true },
      },
      [{ Name: 'events', Subscriptions: [{ Name: 'one' }] }],
    )
    const before = await startServiceBus({ port: 0, config, dataDir })
    {
      const client = connect(before.connectionString)
      const sender = client.createSender('plain')
      await sender.sendMessages(['done', 'abandoned', 'deferred', 'dead', 'locked'].map((body) => ({ body })))
      await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 3_600_000))
      const receiver = client.createReceiver('plain')
      const messages: ServiceBusReceivedMessage[] = []
      while (messages.length < 5) messages.push(...(await receiver.receiveMessages(5 - messages.length)))
      const [done, abandoned, deferred, dead] = messages as [
        ServiceBusReceivedMessage,
        ServiceBusReceivedMessage,
        ServiceBusReceivedMessage,
        ServiceBusReceivedMessage,
      ]
      await receiver.completeMessage(done)
      await receiver.deferMessage(deferred)
      await receiver.deadLetterMessage(dead, { deadLetterReason: 'bad', deadLetterErrorDescription: 'very' })
      await receiver.abandonMessage(abandoned, { attempts: 1 })
      await client.createSender('unique').sendMessages({ body: 'u', messageId: 'u1' })
      await client.createSender('grouped').sendMessages({ body: 'g', sessionId: 's' })
      const session = await client.acceptSession('grouped', 's')
      await session.setSessionState('half way')
      await client.createSender('events').sendMessages({ body: 'e' })
      await client.close()
    }
    await before.close()

    const after = await startBus({ config, dataDir })
    const client = connect(after.connectionString)
    const plain = client.createReceiver('plain')
    expect(
      (await plain.peekMessages(10)).map((m) => [m.body, m.state, m.deliveryCount, m.applicationProperties]),
    ).toEqual([
      ['abandoned', 'active', 1, { attempts: 1 }],
      ['deferred', 'deferred', 1, undefined],
      ['locked', 'active', 0, undefined],
      ['scheduled', 'scheduled', 0, undefined],
    ])
    const dead = await client.createReceiver('plain', { subQueueType: 'deadLetter' }).peekMessages(10)
    expect(dead).toMatchObject([
      { body: 'dead', deadLetterReason: 'bad', deadLetterErrorDescription: 'very' },
    ])
    await client.createSender('plain').sendMessages({ body: 'new' })
    const numbers = (await plain.peekMessages(10)).map((m) => Number(m.sequenceNumber))
    expect(new Set(numbers).size).toBe(numbers.length)
    await client.createSender('unique').sendMessages({ body: 'again', messageId: 'u1' })
    expect((await client.createReceiver('unique').peekMessages(10)).map((m) => m.body)).toEqual(['u'])
    const session = await client.acceptNextSession('grouped')
    expect(await session.getSessionState()).toBe('half way')
    expect((await session.receiveMessages(1)).map((m) => m.body)).toEqual(['g'])
    expect((await client.createReceiver('events', 'one').peekMessages(10)).map((m) => m.body)).toEqual(['e'])
  })

  it('gets its clients back after a restart: a subscriber goes on without being told', async () => {
    const dataDir = await temporaryDirectory()
    const config = configOf({ orders: {} })
    const before = await startServiceBus({ port: 0, config, dataDir })
    const client = connect(before.connectionString)
    const seen: unknown[] = []
    client
      .createReceiver('orders')
      .subscribe({ processMessage: async (m) => void seen.push(m.body), processError: async () => {} })
    const sender = client.createSender('orders')
    await sender.sendMessages({ body: 'before' })
    await eventually(() => (before.counts('orders')?.active === 0 ? true : undefined))
    await before.close()
    await startBus({ port: before.port, config, dataDir })
    await eventually(() =>
      sender.sendMessages({ body: 'after' }, { abortSignal: AbortSignal.timeout(2_000) }).then(
        () => true,
        () => undefined,
      ),
    )
    await eventually(() => (seen.includes('after') ? true : undefined))
  })

  it('delivers at most once to a receiver that wants it so, and ends its wait when there is no more', async () => {
    const dataDir = await temporaryDirectory()
    const config = configOf({ orders: {} })
    const bus = await startBus({ config, dataDir })
    const client = connect(bus.connectionString)
    const sender = client.createSender('orders')
    const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
    for (let i = 0; i < 3; i++) {
      await sender.sendMessages({ body: i })
      expect((await receiver.receiveMessages(10, { maxWaitTimeInMs: 300 })).map((m) => m.body)).toEqual([i])
    }
    expect(bus.counts('orders')).toMatchObject({ active: 0 })
  })

  it('ends while clients hold messages, and takes nothing in any more that it could not keep', async () => {
    const dataDir = await temporaryDirectory()
    const config = configOf({ orders: { RequiresSession: true } })
    const bus = await startServiceBus({ port: 0, config, dataDir })
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    await client.createSender('orders').sendMessages({ body: 1, sessionId: 's' })
    await (await client.acceptSession('orders', 's')).receiveMessages(1)
    await bus.close()
    // What was still to do when the last connection closed would fail now, and the process with it.
    await new Promise((resolve) => setTimeout(resolve, 50))
    const store = sqliteStore(dataDir)
    store.close()
    store.journal.sessionState('orders', 's', Buffer.from('late'))
    const acknowledge = vi.fn()
    store.afterCommit(acknowledge)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(acknowledge).not.toHaveBeenCalled()
    const after = await startBus({ config, dataDir })
    expect(after.counts('orders')?.active).toBe(1)
  })

  it('lets no second broker at its messages', async () => {
    const dataDir = await temporaryDirectory()
    await startBus({ dataDir, config: configOf({ orders: {} }) })
    await expect(startBus({ dataDir, config: configOf({ orders: {} }) })).rejects.toThrow(
      /is locked: another broker uses it/,
    )
  })

  it('lets go of it when what is declared is refused', async () => {
    const dataDir = await temporaryDirectory()
    await expect(
      startBus({ dataDir, config: configOf({ orders: { ForwardTo: 'nowhere' } }) }),
    ).rejects.toThrow(/nowhere/)
    await startBus({ dataDir, config: configOf({ orders: {} }) })
  })

  it('says of a file that is no database which one it is', async () => {
    const dataDir = await temporaryDirectory()
    await writeFile(join(dataDir, 'service-bus.db'), 'x'.repeat(5000))
    await expect(startBus({ dataDir })).rejects.toThrow(/service-bus\.db cannot be used: .+\. Move it away/)
  })

  it.each([
    ['TCP', 3, 1_200],
    ['TLS', 1, 400],
    ['WebSockets', 1, 400],
  ] as const)('keeps its word when it is killed under load, over %s', async (carrier, kills, sends) => {
    const report = await killUnderLoad({ kills, sends, carrier })
    expect(report.lost).toEqual([])
    expect(report.resurrected).toEqual([])
    expect(report.acknowledged).toBeGreaterThanOrEqual(sends)
    expect(report.completed).toBeGreaterThan(0)
  })
})
