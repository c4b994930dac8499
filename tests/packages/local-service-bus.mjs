// Runs in an empty folder into which the package was installed.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusAdministrationClient, ServiceBusClient } from '@azure/service-bus'
import { startServiceBus } from 'local-service-bus'

const dataDir = await mkdtemp(join(tmpdir(), 'installed-bus-'))
const config = { UserConfig: { Namespaces: [{ Queues: [{ Name: 'orders' }] }] } }

async function withBus(use) {
  const bus = await startServiceBus({ port: 0, adminPort: 0, tls: true, dataDir, config })
  const client = new ServiceBusClient(bus.connectionString)
  try {
    await use(bus, client)
  } finally {
    await client.close()
    await bus.close()
  }
}

try {
  await withBus(async (bus, client) => {
    const tlsOptions = { ca: bus.certificate }
    const administration = new ServiceBusAdministrationClient(bus.adminConnectionString, { tlsOptions })
    await administration.createTopic('events')
    await administration.createSubscription('events', 'red', {
      defaultRuleOptions: { name: 'red', filter: { sqlExpression: "colour = 'red'" } },
    })
    await client.createSender('orders').sendMessages({ body: 'kept' })
  })
  await withBus(async (_bus, client) => {
    await client.createSender('events').sendMessages({ body: 'x', applicationProperties: { colour: 'red' } })
    for (const [receiver, body] of [
      [client.createReceiver('orders'), 'kept'],
      [client.createReceiver('events', 'red'), 'x'],
    ]) {
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
      assert.equal(message?.body, body)
      await receiver.completeMessage(message)
    }
  })
} finally {
  await rm(dataDir, { recursive: true, force: true })
}
