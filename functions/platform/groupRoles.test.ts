import { beforeAll, expect, test, vi } from 'vitest'
import { invoke } from '../../tests/invoke.ts'

const group = '0a1b2c3d-0000-4000-8000-00000000000a'
let groupRoles: typeof import('./groupRoles.functions.ts').groupRoles

beforeAll(async () => {
  vi.stubEnv('AUTH', 'swa')
  vi.stubEnv('ADMIN_GROUPS', `${group.toUpperCase()},11111111-0000-4000-8000-000000000000`)
  vi.stubEnv('CosmosConnection__accountEndpoint', 'https://x.documents.azure.com/')
  vi.stubEnv('ServiceBusConnection__fullyQualifiedNamespace', 'x.servicebus.windows.net')
  vi.stubEnv('ImagesConnection__blobServiceUri', 'https://x.blob.core.windows.net')
  groupRoles = (await import('./groupRoles.functions.ts')).groupRoles
})

/** A body as Static Web Apps sends it: learn.microsoft.com, "Custom authentication", function for role assignment. */
const signedIn = (claims: { typ: string; val: string }[]) => ({
  identityProvider: 'aad',
  userId: 'u',
  userDetails: 'ada@contoso.example',
  claims,
})

test.each([
  ['a member of one of the groups', [{ typ: 'groups', val: group }], ['admin']],
  ['a member of others', [{ typ: 'groups', val: '22222222-0000-4000-8000-000000000000' }], []],
  ['someone whose name is that of a group', [{ typ: 'name', val: group }], []],
  ['someone without groups', [], []],
])('%s', async (_who, claims, roles) => {
  const response = await invoke(groupRoles, 'POST', { body: signedIn(claims) })
  expect([response.status, await response.json()]).toEqual([200, { roles }])
})

test('a body without claims is a 400', async () => {
  expect((await invoke(groupRoles, 'POST', { body: { userId: 'u' } })).status).toBe(400)
})
