/** Connections of bindings, under the names that settings give them. */
import { afterEach, expect, test } from 'vitest'
import { createServiceBusClients, type ServiceBusClients } from './connection.ts'

const secret = 'Endpoint=sb://one.example/;SharedAccessKeyName=Root;SharedAccessKey=key'
let clients: ServiceBusClients | undefined

afterEach(() => clients?.close())

test.each([
  [{ Bus: secret }, 'one.example'],
  [{ AzureWebJobsBus: secret }, 'one.example'],
  [{ 'ConnectionStrings:Bus': secret }, 'one.example'],
  [{ Bus__fullyQualifiedNamespace: 'two.example' }, 'two.example'],
  [
    {
      Bus__fullyQualifiedNamespace: 'two.example',
      Bus__tenantId: 'tenant',
      Bus__clientId: 'client',
      Bus__clientSecret: 'secret',
    },
    'two.example',
  ],
  [{ Bus: secret, Bus__fullyQualifiedNamespace: 'two.example' }, 'one.example'],
])('%j leads to %s', async (settings, namespace) => {
  clients = createServiceBusClients(settings)
  clients.check('Bus', 'work')
  expect((await clients.open('Bus')).fullyQualifiedNamespace).toBe(namespace)
})

test.each([
  [{}, 'needs the setting "Bus" (a Service Bus connection string) or "Bus__fullyQualifiedNamespace"'],
  [{ Bus: 'Endpoint=sb://one.example/' }, 'the setting "Bus" is no Service Bus connection string'],
  [{ Bus: secret.replace('sb://', '') }, 'the setting "Bus" is no Service Bus connection string'],
  [{ Bus: 'one.example' }, 'the setting "Bus" is no Service Bus connection string'],
])('%j is refused', (settings, reason) => {
  clients = createServiceBusClients(settings)
  expect(() => clients?.check('Bus', 'work')).toThrow(reason)
})
