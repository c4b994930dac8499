import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeSignIn } from '../../infra/signIn.ts'
import { root } from '../../local/root.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sign-in-'))
  await mkdir(join(folder, 'dist'))
  await cp(join(root, 'web-admin', 'staticwebapp.config.json'), join(folder, 'staticwebapp.config.json'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const written = async () =>
  JSON.parse(await readFile(join(folder, 'dist', 'staticwebapp.config.json'), 'utf8'))
const company = {
  ENTRA_CLIENT_ID: '44444444-4444-4444-8444-444444444444',
  ENTRA_TENANT_ID: '22222222-2222-4222-8222-222222222222',
  ADMIN_GROUPS: '55555555-5555-4555-8555-555555555555',
}

test("a company's own sign-in is written into the built app, and taken out again", async () => {
  await writeSignIn(folder, company)
  const { auth, routes } = await written()
  expect(auth.rolesSource).toBe('/api/roles')
  expect(auth.identityProviders.azureActiveDirectory.registration).toEqual({
    openIdIssuer: `https://login.microsoftonline.com/${company.ENTRA_TENANT_ID}/v2.0`,
    clientIdSettingName: 'ENTRA_CLIENT_ID',
    clientSecretSettingName: 'ENTRA_CLIENT_SECRET',
  })
  expect(routes.at(-1)).toEqual({ route: '/*', allowedRoles: ['admin'] })
  await writeSignIn(folder, {})
  expect((await written()).auth).toBeUndefined()
})

test.each(['ENTRA_CLIENT_ID', 'ENTRA_TENANT_ID', 'ADMIN_GROUPS'])('%s must be right', async (name) => {
  const wrong = name === 'ADMIN_GROUPS' ? '' : 'contoso'
  await expect(writeSignIn(folder, { ...company, [name]: wrong })).rejects.toThrow(name)
})

test('deployments can ask the admin for its health and the catalogue, and its pages tell how they do; everything else needs the role', async () => {
  const config = JSON.parse(await readFile(join(root, 'web-admin', 'staticwebapp.config.json'), 'utf8'))
  const open = config.routes.filter(({ route, allowedRoles }: { route: string; allowedRoles: string[] }) =>
    route.startsWith('/api') ? allowedRoles.includes('anonymous') : false,
  )
  expect(open.map(({ route, methods }: { route: string; methods: string[] }) => [route, methods])).toEqual([
    ['/api/health', ['GET', 'HEAD']],
    ['/api/products', ['GET', 'HEAD']],
    ['/api/rum', ['POST']],
  ])
})
