/** How apps and pods get tokens, by Azure's own SDK: as App Service has it, and as workload identity has it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManagedIdentityCredential, WorkloadIdentityCredential } from '@azure/identity'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Authority, createAuthority } from './authority.ts'
import { certificateFor } from './certificate.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { App, Deployment, Identity } from './deployment.ts'
import { entraSite, signInHost } from './entra.ts'
import { type Front, startFront } from './front.ts'
import { identityEndpoint } from './identityEndpoint.ts'
import { redirectToFront } from './redirect.ts'

const identity = (app: string): Identity => ({
  name: `id-${app}`,
  app,
  id: `/identities/id-${app}`,
  clientId: `client-of-${app}`,
  principalId: `principal-of-${app}`,
})
const app = { name: 'func-store', identities: ['/identities/id-store'], settings: {} } as unknown as App
const subject = (name: string) => `system:serviceaccount:store:${name}`
const tenantId = '22222222-2222-2222-2222-222222222222'
const deployment = {
  tenantId,
  clusterIssuer: 'https://cluster.example/',
  identities: [identity('store'), identity('admin')],
  federations: [
    {
      identity: '/identities/id-store',
      issuer: 'https://cluster.example/',
      subject: subject('store'),
      audiences: ['api://AzureADTokenExchange'],
    },
    {
      identity: '/identities/id-admin',
      issuer: 'https://cluster.example/',
      subject: subject('admin'),
      audiences: ['api://AzureADTokenExchang'],
    },
  ],
} as unknown as Deployment

let authority: Authority
let cluster: Cluster
let server: Server
let front: Front
let folder: string
let endRedirect: () => void
const refusals: string[] = []

beforeAll(async () => {
  authority = await createAuthority(deployment)
  cluster = await createCluster(deployment)
  const endpoint = identityEndpoint(deployment, authority, new Map([['secret', app]]), ({ reason }) =>
    refusals.push(reason),
  )
  server = createServer((request, response) => void endpoint(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`)
  vi.stubEnv('IDENTITY_HEADER', 'secret')

  folder = await mkdtemp(join(tmpdir(), 'identity-'))
  const certificate = await certificateFor([signInHost])
  await writeFile(join(folder, 'certificate'), certificate.cert)
  const site = entraSite(deployment, authority, cluster, (reason) => refusals.push(reason))
  front = await startFront({ certificate, sites: new Map([[signInHost, site]]), brokers: new Map() })
  endRedirect = redirectToFront({
    ports: front.ports,
    hosts: [signInHost],
    certificate: join(folder, 'certificate'),
  })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  endRedirect?.()
  await front?.close()
  server?.close()
  await rm(folder, { recursive: true, force: true })
})

const scope = 'https://storage.azure.com/.default'

describe('an app on App Service', () => {
  test('gets a token of its identity, for what it asks', async () => {
    const { token } = await new ManagedIdentityCredential({ clientId: 'client-of-store' }).getToken(scope)
    const proof = await authority.verify(token, ['https://storage.azure.com'], Date.now())
    expect(proof).toMatchObject({ claims: { oid: 'principal-of-store', appid: 'client-of-store' } })
  })

  test.each([
    [
      'another app’s identity',
      { clientId: 'client-of-admin' },
      'asked to be client-of-admin, which is none of its',
    ],
    ['nobody in particular', undefined, 'without saying as whom'],
  ])('gets none of %s', async (_name, options, reason) => {
    const credential = options ? new ManagedIdentityCredential(options) : new ManagedIdentityCredential()
    await expect(credential.getToken(scope)).rejects.toThrow(/No User Assigned or Delegated Managed Identity/)
    expect(refusals.at(-1)).toContain(reason)
  })

  test('gets none without the secret of its own', async () => {
    // The SDK keeps the secret that it found first.
    const query = 'api-version=2019-08-01&resource=https://storage.azure.com&client_id=client-of-store'
    const headers = { 'x-identity-header': 'guessed' }
    const { status } = await fetch(`${process.env.IDENTITY_ENDPOINT}?${query}`, { headers })
    expect(status).toBe(401)
  })
})

describe('a pod', () => {
  async function tokenOf(name: string, clientId: string) {
    const tokenFilePath = join(folder, name)
    await writeFile(tokenFilePath, await cluster.sign(subject(name)))
    const credential = new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath })
    return (await credential.getToken(scope)).token
  }

  test('gets a token of the identity that trusts its service account', async () => {
    const token = await tokenOf('store', 'client-of-store')
    expect(decodeJwt(token)).toMatchObject({ oid: 'principal-of-store', aud: 'https://storage.azure.com' })
  })

  test('gets none of an identity that trusts another one', async () => {
    await expect(tokenOf('makeline', 'client-of-store')).rejects.toThrow(/AADSTS700213/)
    expect(refusals.at(-1)).toContain(`subject '${subject('makeline')}': id-store trusts ${subject('store')}`)
  })

  test('gets none of an identity that trusts its account’s tokens for somebody else', async () => {
    await expect(tokenOf('admin', 'client-of-admin')).rejects.toThrow(/AADSTS700212/)
    expect(refusals.at(-1)).toContain('id-admin trusts those for api://AzureADTokenExchang (infra/aks.bicep)')
  })

  test('without the label that the webhook looks for is told of no identity', async () => {
    const pod = { subject: subject('store'), clientId: undefined }
    expect(await cluster.variablesOf(pod, folder)).toEqual({})
  })

  test('gets none of an identity that there is not', async () => {
    await expect(tokenOf('store', 'client-of-nobody')).rejects.toThrow(/AADSTS700016/)
    expect(refusals.at(-1)).toContain('no identity of the template has this client id')
  })
})
