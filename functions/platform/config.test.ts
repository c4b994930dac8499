import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const right = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
}

test('every role by default, and the names of the local settings', () => {
  expect([...readConfig(right).roles]).toEqual(['store', 'admin', 'makeline', 'simulation'])
  expect(readConfig({ ...right, ROLES: 'store, admin' }).roles).toEqual(new Set(['store', 'admin']))
})

test('an address is taken where there is no connection string, as with a managed identity', () => {
  const { CosmosConnection: _, ...rest } = right
  const config = readConfig({ ...rest, CosmosConnection__accountEndpoint: 'https://x.documents.azure.com/' })
  expect(config.cosmos).toEqual({ address: 'https://x.documents.azure.com/', database: 'store' })
})

test.each([
  [{ AUTH: 'maybe' }, 'AUTH'],
  [{ AUTH: undefined }, 'AUTH'],
  [{ ROLES: 'store,cashier' }, 'ROLES'],
  [{ CosmosConnection: undefined }, 'CosmosConnection'],
  [{ ServiceBusConnection: '' }, 'ServiceBusConnection'],
])('%j is refused, naming %s and showing a right value', (wrong, name) => {
  expect(() => readConfig({ ...right, ...wrong })).toThrow(new RegExp(`${name}: .*for example`))
})

test.each(['WEBSITE_INSTANCE_ID', 'KUBERNETES_SERVICE_HOST'])(
  'AUTH=none is refused where %s is set',
  (name) => {
    expect(() => readConfig({ ...right, AUTH: 'none', [name]: 'x' })).toThrow(/AUTH: is none/)
    expect(readConfig({ ...right, AUTH: 'none' }).auth).toBe('none')
  },
)
