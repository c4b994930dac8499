import { Agent } from 'node:https'
import { CosmosClient } from '@azure/cosmos'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEntra } from '../access/accessFile.ts'
import { Authorisation } from '../http/authorisation.ts'
import { byRoleAssignments, type Cosmos, emulatorKey, type RoleAssignment, startCosmos } from '../index.ts'
import { refusalOf, statusOf } from './client.ts'

/*
 * Expectations. Actions, roles and scopes: "Azure Cosmos DB for NoSQL data plane security reference" and "Metadata
 * requests" in "Configure role-based access control" on Microsoft Learn. Substatus: the table of the Rust SDK
 * (azure_data_cosmos). Texts, as users quote them: 5006 azure-sdk-for-js#22620, 5007 azure-sdk-for-js#32391, 5008
 * azure-sdk-for-java#42800, 5202 cosmos-explorer#924, 5300 dotnet/efcore#32197, 5301 azure-cosmos-dotnet-v3#3110.
 */

const issuer = 'https://sts.windows.net/tenant/'
const contributor = '00000000-0000-0000-0000-000000000002'
const reader = '00000000-0000-0000-0000-000000000001'
const account =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.DocumentDB/databaseAccounts/cosmos-store'
const only = (action: string) => [
  'Microsoft.DocumentDB/databaseAccounts/readMetadata',
  `Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/${action}`,
]

const assignments: RoleAssignment[] = [
  { principalId: 'everything', roleDefinitionId: contributor, scope: '/' },
  {
    principalId: 'orders',
    roleDefinitionId: `${account}/sqlRoleDefinitions/${contributor}`,
    scope: `${account}/dbs/store/colls/orders`,
  },
  { principalId: 'store', roleDefinitionId: reader, scope: '/dbs/store' },
  { principalId: 'creates', dataActions: only('items/create'), scope: '/dbs/store/colls/orders' },
  { principalId: 'queries', dataActions: only('executeQuery'), scope: '/dbs/store/colls/orders' },
  { principalId: 'container-wide', dataActions: only('*'), scope: '/dbs/store/colls/orders' },
  { principalId: 'no-metadata', dataActions: only('*').slice(1), scope: '/' },
]

const containers = ['orders', 'orders2', 'products'].map((id) => ({ id, partitionKey: { paths: ['/id'] } }))
let cosmos: Cosmos
let sign: (claims?: Record<string, unknown>, expires?: number, header?: { kid: string }) => Promise<string>
let agent: Agent
const clients: CosmosClient[] = []

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] }
  cosmos = await startCosmos({
    port: 0,
    tls: true,
    disableLocalAuth: true,
    databases: [{ id: 'store', containers }],
    entra: { keys, issuer, isAllowed: byRoleAssignments(assignments) },
  })
  agent = new Agent({ ca: cosmos.certificate, keepAlive: true })
  sign = (claims = {}, expires = Date.now() / 1000 + 3600, header = { kid: 'k' }) =>
    new SignJWT({ aud: 'https://cosmos.azure.com', iss: issuer, oid: 'everything', ...claims })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .setExpirationTime(Math.floor(expires))
      .sign(privateKey)
})
afterAll(async () => {
  for (const client of clients) client.dispose()
  agent.destroy()
  await cosmos.close()
})

/** The unmodified SDK with a credential; `scopes`: what the SDK asks it for. */
function clientWith(token: string | Promise<string>, scopes: string[] = []): CosmosClient {
  const aadCredentials = {
    async getToken(scope: string | string[]) {
      scopes.push(...[scope].flat())
      return { token: await token, expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  }
  const client = new CosmosClient({ endpoint: cosmos.endpoint, agent, aadCredentials })
  clients.push(client)
  return client
}
const as = (oid: string, container = 'orders') =>
  clientWith(sign({ oid })).database('store').container(container)
const all = 'SELECT * FROM c'

describe('a token', () => {
  it('is asked for by the SDK for the endpoint, which is an audience, too', async () => {
    const scopes: string[] = []
    const client = clientWith(sign({ aud: cosmos.endpoint }), scopes)
    expect(await statusOf(client.database('store').read())).toBe(200)
    expect(scopes).toContain(`${cosmos.endpoint}/.default`)
  })
  it('does what its identity may: one document after the other, in bulk, in a batch, by queries and the feed', async () => {
    const container = as('everything')
    const { items } = container
    expect(await statusOf(items.create({ id: '1' }))).toBe(201)
    expect(await statusOf(items.upsert({ id: '1' }))).toBe(200)
    expect(await statusOf(container.item('1', '1').read())).toBe(200)
    expect(await statusOf(container.item('1', '1').replace({ id: '1', n: 1 }))).toBe(200)
    expect(await statusOf(container.item('1', '1').patch([{ op: 'incr', path: '/n', value: 1 }]))).toBe(200)
    const [bulk] = await items.bulk([
      { operationType: 'Create', resourceBody: { id: '2' }, partitionKey: '2' },
    ])
    expect(bulk?.statusCode).toBe(201)
    const batch = await items.batch([{ operationType: 'Upsert', resourceBody: { id: '2' } }], '2')
    expect(batch.code).toBe(200)
    expect((await items.query(all).fetchAll()).resources).toHaveLength(2)
    expect((await items.readAll().fetchAll()).resources).toHaveLength(2)
    expect((await items.getChangeFeedIterator({}).readNext()).statusCode).toBe(304)
    expect(await statusOf(container.item('1', '1').delete())).toBe(204)
  })
  it.each<[string, { claims?: object; expires?: number; header?: { kid: string } }, number, RegExp]>([
    [
      'of another audience',
      { claims: { aud: 'https://storage.azure.com' } },
      5008,
      /AAD token is intended for \[https:\/\/storage\.azure\.com\]\. This database account accepts tokens intended for \[https:\/\/cosmos\.azure\.com, https:\/\/127\.0\.0\.1:\d+\]/,
    ],
    ['of another audience by a slash', { claims: { aud: 'https://cosmos.azure.com/' } }, 5008, /intended/],
    [
      'of another issuer',
      { claims: { iss: 'https://sts.windows.net/other/' } },
      5007,
      /issued by the authority \[https:\/\/sts\.windows\.net\/other\/\] which is not trusted by this database account/,
    ],
    [
      'that has expired',
      { expires: 1_658_077_749 },
      5006,
      /has been expired since \[7\/17\/2022 5:09:09 PM \(UTC\)\]\. Current server time is \[.*\(UTC\)\]\. Please refresh the AAD token\./,
    ],
    ['of tomorrow', { claims: { nbf: 4_000_000_000 }, expires: 4_000_003_600 }, 5005, /not valid before/],
    ['of nobody', { claims: { oid: undefined } }, 5011, /object id/],
    ['by a key that is not known', { header: { kid: 'another' } }, 5200, /key/],
  ])('%s: 401', async (_, { claims, expires, header }, substatus, text) => {
    const token = sign({ ...claims }, expires, header)
    const { code, message, headers } = await refusalOf(clientWith(token).database('store').read())
    expect([code, headers['x-ms-substatus']]).toEqual([401, String(substatus)])
    expect(message).toMatch(/^Request blocked by Auth local : Provided AAD token/)
    expect(message).toMatch(text)
  })
  it.each<[string, (token: string) => string, number]>([
    ['whose claims were changed', (token) => token.replace(/\.(.)/, (_, c) => `.${c}W`), 5004],
    ['that is not signed', (token) => `eyJhbGciOiJub25lIn0.${token.split('.')[1]}.`, 5003],
    ['that is none', () => 'rubbish', 5003],
  ])('%s: 401', async (_, spoil, substatus) => {
    const token = spoil(await sign())
    const { code, headers } = await refusalOf(clientWith(token).database('store').read())
    expect([code, headers['x-ms-substatus']]).toEqual([401, String(substatus)])
  })
  it('that was good is asked again about when it has expired, and not before', async () => {
    const asked: number[] = []
    const authorisation = new Authorisation({
      key: emulatorKey,
      names: { namesOf: () => [] },
      access: {
        authorize(_, now) {
          asked.push(now)
          return now < 1000 ? { name: 'me', expires: 1000 } : { refused: 'expired', substatus: 5006 }
        },
        allows: () => true,
      },
    })
    const headers = { authorization: 'type=aad&ver=1.0&sig=token' }
    const request = { method: 'GET', segments: [], headers, body: Buffer.of() }
    for (const now of [0, 500, 999]) await authorisation.check(request, now)
    await expect(authorisation.check(request, 1000)).rejects.toMatchObject({ status: 401, substatus: 5006 })
    expect(asked).toEqual([0, 1000])
  })
})

describe('a right', () => {
  it('holds where it is granted, and nowhere else', async () => {
    expect(await statusOf(as('orders').read())).toBe(200)
    expect(await statusOf(as('orders').items.create({ id: 'scope' }))).toBe(201)
    for (const other of ['orders2', 'products']) {
      const { code, message, headers } = await refusalOf(as('orders', other).items.create({ id: '1' }))
      // The SDK reads the container first.
      expect([code, headers['x-ms-substatus']]).toEqual([403, '5301'])
      expect(message).toContain(
        `Request blocked by Auth local : Request is blocked because principal [orders] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on resource [dbs/store/colls/${other}]. Learn more: https://aka.ms/cosmos-native-rbac.`,
      )
    }
  })
  it('on a database holds for its containers, on a container not for its database', async () => {
    expect(await statusOf(as('store', 'products').read())).toBe(200)
    expect(await statusOf(as('store').item('1', '1').read())).toBe(404)
    const { headers, message } = await refusalOf(
      clientWith(sign({ oid: 'orders' }))
        .database('store')
        .read(),
    )
    expect(headers['x-ms-substatus']).toBe('5301')
    expect(message).toContain('readMetadata] on resource [dbs/store]')
    expect(
      await statusOf(
        clientWith(sign({ oid: 'store' }))
          .databases.readAll()
          .fetchAll() as never,
      ),
    ).toBe(403)
  })
  it('reads what the account is, wherever it is granted', async () => {
    expect((await clientWith(sign({ oid: 'orders' })).getDatabaseAccount()).resource?.consistencyPolicy).toBe(
      'Session',
    )
    const nobody = await refusalOf(clientWith(sign({ oid: 'nobody' })).getDatabaseAccount())
    expect(nobody.message).toContain(
      'Request for Read DatabaseAccount is blocked because principal [nobody] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on any scope.',
    )
    expect(await statusOf(as('no-metadata').read())).toBe(403)
  })
  it('of a reader does not write', async () => {
    const container = as('store')
    await as('everything').items.upsert({ id: 'kept' })
    expect(await statusOf(container.item('kept', 'kept').read())).toBe(200)
    expect((await container.items.query(all).fetchAll()).resources.length).toBeGreaterThan(0)
    for (const write of [
      container.items.create({ id: 'x' }),
      container.items.upsert({ id: 'kept' }),
      container.item('kept', 'kept').replace({ id: 'kept' }),
      container.item('kept', 'kept').patch([{ op: 'add', path: '/n', value: 1 }]),
      container.item('kept', 'kept').delete(),
    ])
      expect(await statusOf(write)).toBe(403)
    const batch = container.items.batch([{ operationType: 'Delete', id: 'kept' }], 'kept')
    expect((await refusalOf(batch)).message).toContain('containers/items/delete]')
    expect((await as('everything').item('kept', 'kept').read()).resource).toMatchObject({ id: 'kept' })
  })
  it('to create is not one to upsert; a query needs two; what is for a container is not for its items', async () => {
    expect(await statusOf(as('creates').items.create({ id: 'created' }))).toBe(201)
    const upsert = await refusalOf(as('creates').items.upsert({ id: 'created' }))
    expect([upsert.code, upsert.headers['x-ms-substatus']]).toEqual([403, '5302'])
    expect(upsert.message).toContain('containers/items/upsert] on resource [dbs/store/colls/orders]')
    const { message } = await refusalOf(as('queries').items.query(all).fetchAll())
    expect(message).toContain('containers/readChangeFeed]')
    expect((await as('container-wide').items.query(all).fetchAll()).resources.length).toBeGreaterThan(0)
    expect(await statusOf(as('container-wide').item('1', '1').read())).toBe(403)
  })
  it('counts by names, also for what is asked by resource ids', async () => {
    const { resource } = await as('orders').read()
    const self = String(resource?._self).replace(/\/$/, '')
    const ranges = async (oid: string) => {
      const authorization = encodeURIComponent(`type=aad&ver=1.0&sig=${await sign({ oid })}`)
      const { status } = await ask(`${self}/pkranges`, { authorization })
      return status
    }
    expect(await ranges('orders')).toBe(200)
    expect(await ranges('nobody')).toBe(403)
  })
  it.each<[string, (client: CosmosClient) => Promise<unknown>]>([
    ['POST /dbs', (client) => client.databases.create({ id: 'new' })],
    ['POST /dbs/store/colls', (client) => client.database('store').containers.create({ id: 'new' })],
    ['DELETE /dbs/store', (client) => client.database('store').delete()],
    ['DELETE /dbs/store/colls/orders', (client) => client.database('store').container('orders').delete()],
    ['GET /offers', (client) => client.offers.readAll().fetchAll()],
  ])('to %s has nobody: that is of the control plane', async (asked, act) => {
    const { code, message, headers } = await refusalOf(act(clientWith(sign())))
    expect([code, headers['x-ms-substatus']]).toEqual([403, '5300'])
    expect(message).toContain(
      `Request blocked by Auth local : The given request [${asked}] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`,
    )
  })
})

it('a key is no good where local authentication is off', async () => {
  const client = new CosmosClient({ endpoint: cosmos.endpoint, agent, key: emulatorKey })
  clients.push(client)
  const { code, message, headers } = await refusalOf(client.database('store').read())
  expect([code, headers['x-ms-substatus']]).toEqual([401, '5202'])
  expect(message).toContain('Local Authorization is disabled. Use an AAD token to authorize all requests.')
})

it('a token is no good where nobody decides about tokens', async () => {
  const deaf = await startCosmos({ port: 0 })
  const authorization = encodeURIComponent(`type=aad&ver=1.0&sig=${await sign()}`)
  const answer = await fetch(`${deaf.endpoint}/dbs`, { headers: { authorization } })
  expect([answer.status, answer.headers.get('x-ms-substatus')]).toEqual([401, '5002'])
  await deaf.close()
})

it('what a file for the command line lacks is said with its place', () => {
  const file = { keys: { keys: [{ kty: 'RSA' }] }, assignments: [{ principalId: 'a', scope: '/' }] }
  const read = (changes: object) => readEntra(JSON.stringify({ ...file, ...changes }), 'entra.json')
  const dataActions = only('items/read')
  const { isAllowed } = read({ assignments: [{ principalId: 'a', dataActions, scope: '/' }] })
  expect(isAllowed?.({ oid: 'a' }, dataActions[1] as string, '/dbs/d/colls/c')).toBe(true)
  expect(isAllowed?.({ oid: 'b' }, dataActions[1] as string, '/dbs/d/colls/c')).toBe(false)
  expect(read({ assignments: undefined }).isAllowed).toBeUndefined()
  expect(() => read({})).toThrow(/entra.json: assignments: The role "" is not known/)
  expect(() => read({ assignments: [{ dataActions, scope: '/' }] })).toThrow(/\[0\]\.principalId/)
  expect(() => read({ assignments: [{ principalId: 'a', dataActions, scope: 'dbs/d' }] })).toThrow(
    /\[0\]\.scope/,
  )
  expect(() => read({ keys: {} })).toThrow(/entra.json: keys: /)
  expect(() => read({ audiences: [] })).toThrow(/'audiences' is none of keys, issuer, audience, assignments/)
})

it('a role that is not known is refused at the start', () => {
  expect(() => byRoleAssignments([{ principalId: 'a', roleDefinitionId: 'Owner', scope: '/' }])).toThrow(
    /"Owner" is not known/,
  )
})

/** A GET as no SDK sends it, trusting the server's certificate. */
async function ask(path: string, headers: Record<string, string>): Promise<{ status: number }> {
  const { get } = await import('node:https')
  return new Promise((resolve, reject) => {
    get(`${cosmos.endpoint}/${path}`, { agent, headers }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0 })
    }).once('error', reject)
  })
}
