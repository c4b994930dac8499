/** What `infra/` and the chart bring onto a cluster runs here, each pod with its own service account and no more rights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBicep } from '../../infra/bicep.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import type { RoleAssignment } from '../../local/azure/deployment.ts'
import { type Evaluated, evaluateCluster } from '../../local/azure/evaluated.ts'
import { machineVariables } from '../../local/azure/functionApp.ts'
import { tell, tryWithout } from '../../local/azure/rehearsal.ts'
import { faultsOf, reportOf, unused } from '../../local/azure/report.ts'
import { story } from '../../local/azure/story.ts'
import { describeRefusal, describeRight, ownerOf } from '../../local/azure/words.ts'
import { startWorld, type World } from '../../local/azure/world.ts'

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
}

const tools = findBicep() && findTool('helm')
if (!tools) {
  if (process.env.CI) throw new Error('Bicep or helm could not be had.')
  console.warn('Skipped: the rehearsal of the cluster needs Bicep and helm.')
}

describe.skipIf(!tools)('what is deployed to a cluster', () => {
  let evaluated: Evaluated
  let world: World

  beforeAll(async () => {
    evaluated = await evaluateCluster()
    world = await startWorld(evaluated.deployment)
  }, 240_000)
  afterAll(() => world?.close(), 60_000)

  test('is told the settings of the chart, every one and unaltered, and no other', () => {
    const { chart } = evaluated
    const shared = chart.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'settings')
    for (const [service, { environment, platform }] of world.apps) {
      const deployment = chart.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === service,
      ) as unknown as {
        spec: { template: { spec: { containers: { env: Variable[] }[] } } }
      }
      const own = deployment.spec.template.spec.containers[0]?.env ?? []
      const secretOf = ({ name, key }: Variable['valueFrom']['secretKeyRef']) =>
        chart.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)?.stringData?.[key]
      const expected = {
        ...(shared?.data as Record<string, string>),
        ...Object.fromEntries(
          own.map(({ name, value, valueFrom }) => [name, value ?? secretOf(valueFrom.secretKeyRef)]),
        ),
      }
      expect(Object.keys(expected), service).toContain('METRICS_TOKEN')
      const others = new Set([...Object.keys(platform), ...Object.keys(machineVariables())])
      const found = Object.entries(environment).filter(([name]) => name in expected || !others.has(name))
      expect(Object.fromEntries(found), service).toStrictEqual(expected)
      expect(JSON.stringify(found)).not.toMatch(/AccountKey|SharedAccess|127\.0\.0\.1|localhost/)
    }
    expect([...world.apps.keys()].sort()).toEqual(['admin', 'makeline', 'simulation', 'store'])
  })

  test.each(story)('$name', async (chapter) => {
    expect((await tell(world, chapter)).faults).toEqual([])
  })

  test('every right is used, and nothing was refused, from the start on', () => {
    expect(unused(world.azure).map(describeRight)).toEqual([])
    expect(faultsOf(world.azure)).toEqual([])
  })

  test('the report has the nodes’ right to fetch images, and that nobody here plays who deploys', () => {
    const report = reportOf(world.azure)
    expect(report).toMatch(
      /^the nodes of aks-\w+\n {2}AcrPull on cr\w+: by the platform, which is played here \(pull\/read\)\n {2}refused: nothing$/m,
    )
    expect(report).toMatch(
      /^whoever deploys\n {2}Azure Kubernetes Service RBAC Cluster Admin on aks-\w+: NOT USED, and not rehearsed/m,
    )
  })

  test.each([
    ['keda', 'Azure Service Bus Data Owner on queue orders'],
    ['nodes', 'AcrPull on cr'],
    ['simulation', 'Azure Service Bus Data Owner on queue orders-simulation'],
    ['admin', 'Cosmos DB Built-in Data Contributor on container analytics'],
  ])('%s without %s: the rehearsal fails, and says what is missing', async (app, right) => {
    const { deployment } = world.azure
    const isIt = (one: RoleAssignment) =>
      ownerOf(deployment, one)?.app === app && describeRight(one).startsWith(right)
    const assignment = deployment.assignments.find(isIt)
    if (!assignment) throw new Error(`There is no such right: ${right}`)
    const { refused } = await tryWithout(world, evaluated, assignment)
    expect(refused && describeRefusal(refused)).toContain(`Missing: ${right}`)
  })

  /** What is told when an employee looks at the dashboard. */
  async function faultsOfEmployee(): Promise<string> {
    const chapter = story.find(({ name }) => name.startsWith('an employee looks at figures'))
    if (!chapter) throw new Error('There is no such chapter.')
    return (await tell(world, chapter)).faults.join('\n')
  }

  test('another app’s identity, which does not trust the pod’s service account', async () => {
    const { identities } = world.azure.deployment
    const { clientId, name } = identities.find(({ app }) => app === 'admin') ?? {}
    const refused: string[] = []
    const end = world.azure.rights.onRefused((one) => refused.push(describeRefusal(one)))
    await world.restart('store', { AZURE_CLIENT_ID: clientId })
    await expect(world.customer.products.list()).rejects.toThrow()
    end()
    expect(refused.join('\n')).toContain(
      "system:serviceaccount:store:store was refused to get a token on login.microsoftonline.com: No matching federated identity record found for presented assertion subject 'system:serviceaccount:store:store'",
    )
    expect(refused.join('\n')).toContain(
      `${name} trusts system:serviceaccount:store:admin (infra/aks.bicep).`,
    )
  })

  test('employees’ tokens for another audience: the app says which setting is wrong', async () => {
    await world.restart('admin', { AUTH_AUDIENCE: 'api://another' })
    expect(await faultsOfEmployee()).toMatch(
      /pod admin \| .*A token is not taken: it is for "[^"]+", and AUTH_AUDIENCE is "api:\/\/another"/,
    )
  })

  test('an app whose clock is two hours ahead takes employees’ tokens for expired, and says so', async () => {
    await world.restart('admin', {}, 2 * 3_600_000)
    const said = await faultsOfEmployee()
    expect(said).toMatch(/A token is not taken: it expired at .*, and here it is .*a clock is wrong/)
    await world.restart('admin')
    expect(await faultsOfEmployee()).toBe('')
  })
})
