import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { ServiceBusClient } from '@azure/service-bus'
import { expect, it } from 'vitest'
import { signatureFor } from '../sharedAccess.ts'
import { afterTest, configOf, startBus } from './bus.ts'

// The constructors of the SDK's `ServiceBusClient` that take no connection string; tokens of Entra have `commandLine.test.ts`.

it('the SDK may bring the name of a key and the key, or a signature made with it', async () => {
  const key = { name: 'writer', key: 'w' }
  const signature = signatureFor(key, Date.now() + 60_000)
  const config = configOf({ orders: {} })
  const bus = await startBus({ tls: true, config, keys: [{ ...key, rights: ['Send'] }] })
  // The SDK takes no certificate for AMQP over TLS: it trusts what the process trusts.
  setDefaultCACertificates([...getCACertificates('default'), bus.certificate as string])
  for (const credential of [key, { signature }]) {
    const client = new ServiceBusClient('localhost', credential, {
      customEndpointAddress: `sb://localhost:${bus.port}`,
      retryOptions: { maxRetries: 0, timeoutInMs: 20_000 },
    })
    afterTest(() => client.close())
    await client.createSender('orders').sendMessages({ body: 1 })
    await expect(client.createReceiver('orders').peekMessages(1)).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
    })
  }
  expect(bus.counts('orders')?.active).toBe(2)
})
