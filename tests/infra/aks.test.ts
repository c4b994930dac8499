/** HOSTING=aks and both: the cluster, and that its identities, accounts and addresses are those that the chart uses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bicep, findBicep, type Resource, startBicep } from '../../infra/bicep.ts'
import { copyOfInfra, evaluate, ofType } from '../../infra/evaluate.ts'
import { chartValues } from '../../infra/hooks/cluster.js'
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { renderProfile } from '../../infra/kubernetes/profiles.ts'
import { wiringFaults } from '../../infra/kubernetes/tests/wiring.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import { parameterSets } from './template.ts'

const program = findBicep()
const helm = findTool('helm')
if (!program || !helm) {
  if (process.env.CI) throw new Error('Bicep or helm could not be had.')
  console.warn('Skipped: the tests of the cluster need Bicep and helm.')
}

const federationType = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'

/** Accounts of the chart that no credential of Azure's trusts, and KEDA's own. */
function federationFaults(resources: Resource[], chart: KubernetesObject[]): string[] {
  const accounts = chart.filter(
    ({ kind, metadata }) =>
      kind === 'ServiceAccount' && metadata.annotations?.['azure.workload.identity/client-id'],
  )
  const wanted = [
    ...accounts.map(({ metadata: { name } }) => `id-${name} <- system:serviceaccount:store:${name}`),
    'id-keda <- system:serviceaccount:kube-system:keda-operator',
  ]
  const made = ofType(resources, federationType).map(({ id, properties }) => {
    const identity = /userAssignedIdentities\/(id-\w+)-/.exec(id)?.[1]
    return `${identity} <- ${properties.subject}`
  })
  return [
    ...wanted.filter((row) => !made.includes(row)).map((row) => `Not trusted: ${row}`),
    ...made.filter((row) => !wanted.includes(row)).map((row) => `Trusted for nothing: ${row}`),
  ]
}

describe.skipIf(!program || !helm)('the cluster', () => {
  let bicep: Bicep
  let copy: ReturnType<typeof copyOfInfra>
  let aks: Resource[]
  let both: Resource[]
  const chart = helm ? renderProfile('aks', { roles: { simulation: { replicas: 1 } } }) : []

  beforeAll(async () => {
    bicep = startBicep(program ?? '')
    copy = copyOfInfra()
    aks = await evaluate(bicep, copy.folder, parameterSets.aks)
    both = await evaluate(bicep, copy.folder, parameterSets.both)
  }, 240_000)
  afterAll(() => {
    bicep?.stop()
    copy?.remove()
  })

  test('on AKS alone there is no function app; with both, there are both', () => {
    const kinds = (resources: Resource[]) =>
      ['Microsoft.Web/sites', 'Microsoft.Web/staticSites', 'Microsoft.ContainerService/managedClusters'].map(
        (type) => ofType(resources, type).length,
      )
    expect(kinds(aks)).toEqual([0, 0, 1])
    expect(kinds(both)).toEqual([3, 2, 1])
  })

  test.each([
    ['Automatic', () => aks],
    ['Base', () => both],
  ] as const)('the cluster (%s) has what the chart uses, and no account of its own', (sku, resources) => {
    const [cluster] = ofType(resources(), 'Microsoft.ContainerService/managedClusters')
    expect(cluster?.sku).toMatchObject({ name: sku })
    expect(cluster?.properties).toMatchObject({
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: true },
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      workloadAutoScalerProfile: { keda: { enabled: true } },
      azureMonitorProfile: { metrics: { enabled: true } },
      ingressProfile: { gatewayAPI: { installation: 'Standard' } },
    })
    const [registry] = ofType(resources(), 'Microsoft.ContainerRegistry/registries')
    expect(registry?.properties).toMatchObject({ adminUserEnabled: false, anonymousPullEnabled: false })
  })

  test('only the nodes and whoever deploys have rights beside the table: to fetch images, and to apply the chart', () => {
    const others = aks.filter(
      ({ type, properties }) =>
        type === 'Microsoft.Authorization/roleAssignments' &&
        !/userAssignedIdentities\/id-/.test(properties.principalId),
    )
    const acrPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'
    const clusterAdmin = 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b'
    expect(others.map(({ properties }) => properties.roleDefinitionId.split('/').at(-1)).sort()).toEqual([
      acrPull,
      clusterAdmin,
    ])
  })

  test('each service account of the chart is trusted for its own identity, and KEDA for its', () => {
    expect(federationFaults(aks, chart)).toEqual([])
  })

  test('found: a credential that is missing, and an account of another name', () => {
    const without = aks.filter(({ id }) => !/id-makeline-\w+\/federated/.test(id))
    expect(federationFaults(without, chart)).toEqual([
      'Not trusted: id-makeline <- system:serviceaccount:store:makeline',
    ])
    const renamed = JSON.parse(JSON.stringify(chart).replaceAll('"name":"makeline"', '"name":"maker"'))
    expect(federationFaults(aks, renamed)).toHaveLength(2)
  })

  test('what the hook hands to the chart is taken by it, and leads somewhere', () => {
    const ids = Object.fromEntries(
      ['store', 'admin', 'makeline', 'simulation', 'keda'].map((app, at) => [app, `00000000-${at}`]),
    )
    const storage = (app: string) => ({
      settings: { AzureWebJobsStorage__blobServiceUri: `https://st${app}.blob.core.windows.net` },
    })
    process.env.ENTRA_CLIENT_ID = '22222222-2222-2222-2222-222222222222'
    process.env.STORE_HOST = 'store.contoso.example'
    process.env.ADMIN_HOST = 'admin.contoso.example'
    const values = chartValues(
      {
        settings: {
          ServiceBusConnection__fullyQualifiedNamespace: 'sb-x.servicebus.windows.net',
          CosmosConnection__accountEndpoint: 'https://cosmos-x.documents.azure.com:443/',
          CosmosDatabase: 'store',
          ImagesConnection__blobServiceUri: 'https://stimagesx.blob.core.windows.net',
        },
        roles: Object.fromEntries(['store', 'admin', 'makeline'].map((app) => [app, storage(app)])),
        workloadIdentity: { enabled: true, clientIds: ids, keda: ids.keda },
        keda: { enabled: true, namespace: 'sb-x' },
      },
      { registry: 'crx.azurecr.io', tag: '20261125120000', tenantId: '11111111-1111-1111-1111-111111111111' },
    )
    const objects = renderProfile('aks', values)
    expect(wiringFaults(objects)).toEqual([])
    expect(JSON.stringify(objects)).not.toMatch(/"contoso\.|contosohost|store\.example\.com/)
    expect(JSON.stringify(objects)).toContain('crx.azurecr.io/store-functions:20261125120000')
  })
})
