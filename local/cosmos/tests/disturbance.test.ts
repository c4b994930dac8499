/** Faults on demand, as the unmodified SDK meets them; one that says that it watches meets none. */
import { CosmosClient, type CosmosClientOptions } from '@azure/cosmos'
import { afterEach, expect, test } from 'vitest'
import { emulatorKey } from '../index.ts'
import { serve } from './client.ts'

const served = serve()
const clients: CosmosClient[] = []
afterEach(() => {
  served.cosmos.disturb({})
  for (const client of clients.splice(0)) client.dispose()
})

function clientOf(options: Partial<CosmosClientOptions> = {}) {
  const retryOptions = {
    maxRetryAttemptCount: 0,
    fixedRetryIntervalInMilliseconds: 1,
    maxWaitTimeInSeconds: 1,
  }
  const client = new CosmosClient({
    endpoint: served.cosmos.endpoint,
    key: emulatorKey,
    connectionPolicy: { retryOptions, enableEndpointDiscovery: false },
    ...options,
  })
  clients.push(client)
  return client
}
const watcher = () => clientOf({ userAgentSuffix: 'local-console' })

/** A request as any client makes it; the SDK would try for half a minute. That it has no signature is seen later: 401. */
const ask = () => fetch(served.cosmos.endpoint, { signal: AbortSignal.timeout(500) })

test('a cut server answers nobody but the watcher, and is there again afterwards', async () => {
  served.cosmos.disturb({ cut: true })
  await expect(ask()).rejects.toMatchObject({
    cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
  })
  expect((await watcher().database('tests').read()).statusCode).toBe(200)
  served.cosmos.disturb({})
  expect((await ask()).status).toBe(401)
})

test('beyond its request units a throttled server says how long to wait, but not to the watcher', async () => {
  const { id } = await served.container()
  const create = (client: CosmosClient, pk: string) =>
    client.database('tests').container(id).items.create({ pk })
  served.cosmos.disturb({ throughput: 5 })
  const client = clientOf()
  await create(client, 'spends more than there is')
  await expect(create(client, 'must wait')).rejects.toMatchObject({
    code: 429,
    retryAfterInMs: expect.any(Number),
  })
  expect((await create(watcher(), 'watches')).statusCode).toBe(201)
  served.cosmos.disturb({})
  expect((await create(client, 'again')).statusCode).toBe(201)
})

test('a slow server keeps everybody waiting but the watcher', async () => {
  served.cosmos.disturb({ delay: 60_000 })
  await expect(ask()).rejects.toThrow(/timeout/)
  expect((await watcher().database('tests').read()).statusCode).toBe(200)
})
