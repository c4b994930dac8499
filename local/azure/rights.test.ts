/** Role assignments at their scopes, and what is said of them. Roles and actions: see `roles.ts`. */
import { beforeEach, describe, expect, test } from 'vitest'
import access from '../../infra/access.json' with { type: 'json' }
import type { Azure } from './azure.ts'
import type { Deployment, Identity, RoleAssignment } from './deployment.ts'
import { faultsOf, reportOf, unused } from './report.ts'
import { Rights } from './rights.ts'
import { grants, narrowerRole, roles } from './roles.ts'
import { describeRefusal } from './words.ts'

const identity = (app: string): Identity => ({
  name: `id-${app}-x`,
  app,
  id: app,
  clientId: `client-${app}`,
  principalId: `principal-${app}`,
})
const bus = '/subscriptions/1/providers/Microsoft.ServiceBus/namespaces/sb-x'
const cosmos = '/subscriptions/1/providers/Microsoft.DocumentDB/databaseAccounts/cosmos-x'
const assign = (app: string, role: keyof typeof access.roles, scope: string): RoleAssignment => ({
  id: `${app} ${role} ${scope}`,
  principalId: `principal-${app}`,
  role: access.roles[role],
  scope,
})
const sender = assign('store', 'Azure Service Bus Data Sender', `${bus}/queues/orders`)
const reader = assign('store', 'Cosmos DB Built-in Data Reader', `${cosmos}/dbs/store/colls/products`)
const owner = assign('admin', 'Azure Service Bus Data Owner', bus)
const cluster = 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b'
const deployment = {
  identities: [identity('store'), identity('admin')],
  assignments: [sender, reader, owner],
  otherRights: [{ role: cluster, scope: '/managedClusters/aks-x', whom: 'whoever deploys', isKnown: true }],
} as unknown as Deployment

const [store, admin] = [{ oid: 'principal-store' }, { oid: 'principal-admin' }]
const send = 'Microsoft.ServiceBus/namespaces/messages/send/action'
const receive = 'Microsoft.ServiceBus/namespaces/messages/receive/action'
const metadata = 'Microsoft.DocumentDB/databaseAccounts/readMetadata'
let rights: Rights
beforeEach(() => {
  rights = new Rights(deployment, identity('rehearsal'))
})

test('every role of the table has actions here', () => {
  for (const [name, id] of Object.entries(access.roles)) {
    expect(roles[id]?.name).toBe(name)
    expect(roles[id]?.actions.length).toBeGreaterThan(0)
  }
  expect(() => grants('another', send)).toThrow('local/azure/roles.ts')
})

describe('somebody may', () => {
  test.each([
    ['what the role has, at its scope', store, send, `${bus}/queues/orders`, true],
    ['in whatever case', store, send.toUpperCase(), `${bus.toUpperCase()}/QUEUES/ORDERS`, true],
    ['not what it has not', store, receive, `${bus}/queues/orders`, false],
    ['not on another resource', store, send, `${bus}/queues/orders-failed`, false],
    ['not on what the scope is part of', store, send, bus, false],
    ['what is below the scope', admin, receive, `${bus}/queues/orders-failed`, true],
    ['not what is another’s', admin, metadata, `${cosmos}/dbs/store/colls/products`, false],
  ])('%s', (_name, who, action, resource, expected) => {
    expect(rights.allows(who, action, resource)).toBe(expected)
  })

  test('read what an account is with a right to anything in it', () => {
    expect(rights.allows(store, metadata, cosmos)).toBe(false)
    expect(rights.allows(store, metadata, cosmos, { anywhere: true })).toBe(true)
    expect(rights.allows(admin, metadata, cosmos, { anywhere: true })).toBe(false)
  })
})

test('a refusal names who, what, and the row that would allow it', () => {
  rights.allows(store, receive, `${bus}/queues/orders-failed`)
  const [refused] = rights.refused
  expect(refused && describeRefusal(refused)).toBe(
    `store (id-store-x) was refused ${receive} on queue orders-failed: id-store-x has no role that allows it there. Where it is to be allowed: infra/access.json, {"app":"store","role":"Azure Service Bus Data Receiver","kind":"queue","name":"orders-failed"}.`,
  )
})

test('a right that another evaluation does not have is what is missing, and is there again afterwards', () => {
  rights.govern({ assignments: [{ ...reader }, { ...owner }] })
  rights.chapter = 'somebody buys'
  expect(rights.allows(store, send, `${bus}/queues/orders`)).toBe(false)
  expect(rights.allows(store, receive, `${bus}/queues/orders`)).toBe(false)
  expect(rights.refused.map(({ without }) => without)).toEqual([sender, undefined])
  expect(rights.refused[0] && describeRefusal(rights.refused[0])).toBe(
    `store (id-store-x) was refused ${send} on queue orders in "somebody buys": id-store-x has no role that allows it there. Missing: Azure Service Bus Data Sender on queue orders.`,
  )
  rights.govern(deployment)
  expect(rights.allows(store, send, `${bus}/queues/orders`)).toBe(true)
})

test('where one of several rights will do, a refusal is told when no other is granted', async () => {
  const asking = { oneOf: 'orders/$management' }
  const ask = (action: string) => rights.allows(store, action, `${bus}/queues/orders`, asking)
  expect([ask(receive), ask(send)]).toEqual([false, true])
  await Promise.resolve()
  expect(rights.refused).toEqual([])
  rights.govern({ assignments: [] })
  expect([ask(receive), ask(send)]).toEqual([false, false])
  await Promise.resolve()
  expect(rights.refused.map(({ action, without }) => [action, without])).toEqual([
    [receive, undefined],
    [send, sender],
  ])
})

test('what the platform asked for is said to be the platform’s', () => {
  rights.allows({ ...store, played: true }, receive, `${bus}/queues/orders`)
  expect(rights.refused[0] && describeRefusal(rights.refused[0])).toMatch(
    /^the platform, for store \(id-store-x\), was refused /,
  )
})

/** What a reader is sent to has to do with what is wrong, and not with what was asked for alone. */
test.each([
  ['audience', /functions\/platform\/serviceBus\.ts/],
  ['expired', /the clocks of both machines/],
  ['early', /the clocks of both machines/],
  ['clock', /the clocks of both machines/],
  ['issuer', /AZURE_TENANT_ID/],
  ['signature', /AZURE_AUTHORITY_HOST/],
  ['key', /infra\/settings\.bicep/],
  ['missing', /infra\/service-bus\.json, or the setting OrdersQueue/],
  ['deleted', /azd provision/],
] as const)('%s: the place to look is named, and no other', (fault, place) => {
  const refused = { identity: undefined, chapter: '', action: 'to send', reason: 'so it is', fault }
  const text = describeRefusal({ ...refused, resource: `${bus}/queues/orders` })
  expect(text).toMatch(place)
  if (fault !== 'missing') expect(text).not.toContain('OrdersQueue')
})

test('what nothing used is reported, and what was used, by whom', () => {
  rights.allows(store, send, `${bus}/queues/orders`)
  rights.allows({ ...admin, played: true }, send, `${bus}/queues/orders`)
  const azure = { deployment, rights } as unknown as Azure
  expect(unused(azure)).toEqual([reader])
  const report = reportOf(azure).split('\n')
  expect(report).toContain('  Azure Service Bus Data Sender on queue orders: used (send/action)')
  expect(report).toContain('  Cosmos DB Built-in Data Reader on container products: NOT USED')
  expect(report.find((line) => line.includes('Data Owner'))).toMatch(
    /by the platform, which is played here \(send\/action\); Azure Service Bus Data Sender would do/,
  )
  expect(faultsOf(azure)).toEqual([
    'id-store-x does not use Cosmos DB Built-in Data Reader on container products',
  ])
})

test('what each identity was refused is reported, and rights of those whom nobody plays', () => {
  rights.allows(store, receive, `${bus}/queues/orders`)
  rights.refuse({ identity: undefined, fault: 'key', action: 'to sign in', resource: bus, reason: 'a key' })
  const report = reportOf({ deployment, rights } as unknown as Azure)
  const [ofStore, ofAdmin, ofDeployer, ofNobody] = report.split(/\n(?=\S)/)
  expect(ofStore).toMatch(
    /^id-store-x\n(.*\n)* {2}refused: store \(id-store-x\) was refused .*receive\/action/,
  )
  expect(ofAdmin).toMatch(/^id-admin-x\n.*\n {2}refused: nothing$/)
  expect(ofDeployer).toBe(
    'whoever deploys\n  Azure Kubernetes Service RBAC Cluster Admin on aks-x: NOT USED, and not rehearsed (docs/azure.md)',
  )
  expect(ofNobody).toMatch(
    /^nobody that is known\n {2}refused: somebody was refused to sign in on sb-x: a key/,
  )
})

test('a role of somebody whom nobody knows is a fault', () => {
  const strange = {
    role: access.roles['Storage Blob Data Owner'],
    scope: cosmos,
    whom: '[x]',
    isKnown: false,
  }
  const azure = { deployment: { ...deployment, assignments: [], otherRights: [strange] }, rights }
  expect(faultsOf(azure as unknown as Azure)).toEqual([
    expect.stringContaining('is for [x], whom the rehearsal does not know'),
  ])
})

test('a narrower role is one that has all that is needed and nothing that the other has not', () => {
  const { 'Azure Service Bus Data Owner': owner, 'Azure Service Bus Data Sender': sender } = access.roles
  expect(narrowerRole(owner, [send])).toBe(sender)
  expect(narrowerRole(owner, [send, receive])).toBeUndefined()
  expect(narrowerRole(sender, [send])).toBeUndefined()
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/'
  const { 'Storage Blob Data Owner': ofBlobs, 'Storage Blob Data Reader': readerOfBlobs } = access.roles
  expect(narrowerRole(ofBlobs, [`${blobs}read`])).toBe(readerOfBlobs)
  expect(roles[narrowerRole(ofBlobs, [`${blobs}write`]) ?? '']?.name).toBe('Storage Blob Data Contributor')
  expect(narrowerRole(ofBlobs, [`${blobs}tags/read`])).toBeUndefined()
})

/** Source: the role's definition, as `az role definition list` answers it. */
test('what a role takes away again is not allowed', () => {
  const { 'Cognitive Services OpenAI User': user } = access.roles
  const models = 'Microsoft.CognitiveServices/accounts/OpenAI'
  expect(grants(user, `${models}/models/read`)).toBe(true)
  expect(grants(user, `${models}/stored-completions/read`)).toBe(false)
  expect(grants(user, `${models}/deployments/chat/completions/action`)).toBe(true)
  expect(grants(user, `${models}/fine-tunes/write`)).toBe(false)
})
