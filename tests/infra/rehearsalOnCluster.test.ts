/** What `infra/` and the chart bring onto a cluster runs here, each pod with its own service account and no more rights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBicep } from '../../infra/bicep.ts'
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import type { RoleAssignment } from '../../local/azure/deployment.ts'
import { evaluateCluster } from '../../local/azure/evaluated.ts'
import { machineVariables } from '../../local/azure/functionApp.ts'
import { tell, tryWithout } from '../../local/azure/rehearsal.ts'
import { unused } from '../../local/azure/report.ts'
import { story } from '../../local/azure/story.ts'
import { describeRefusal, describeRight, ownerOf } from '../../local/azure/words.ts'
import { startWorld, type World } from '../../local/azure/world.ts'

const tools = findBicep() && findTool('helm')
if (!tools) {
  if (process.env.CI) throw new Error('Bicep or helm could not be had.')
  console.warn('Skipped: the rehearsal of the cluster needs Bicep and helm.')
}

describe.skipIf(!tools)('what is deployed to a cluster', () => {
  let chart: KubernetesObject[]
  let world: World

  beforeAll(async () => {
    const evaluated = await evaluateCluster()
    chart = evaluated.chart
    world = await startWorld(evaluated.deployment)
  }, 240_000)
  afterAll(() => world?.close(), 60_000)

  test('is told the settings of the chart, every one and unaltered, and no other', () => {
    const shared = chart.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'settings')
    for (const [service, { environment, platform }] of world.apps) {
      const deployment = chart.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === service,
      ) as unknown as {
        spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } }
      }
      const own = deployment.spec.template.spec.containers[0]?.env ?? []
      const expected = {
        ...(shared?.data as Record<string, string>),
        ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
      }
      const others = new Set([...Object.keys(platform), ...Object.keys(machineVariables())])
      const found = Object.entries(environment).filter(([name]) => name in expected || !others.has(name))
      expect(Object.fromEntries(found), service).toEqual(expected)
      expect(JSON.stringify(found)).not.toMatch(/AccountKey|SharedAccess|127\.0\.0\.1|localhost/)
    }
    expect([...world.apps.keys()].sort()).toEqual(['admin', 'makeline', 'simulation', 'store'])
  })

  test.each(story)('$name', async (chapter) => {
    expect((await tell(world, chapter)).faults).toEqual([])
  })

  test('every right is used', () => {
    expect(unused(world.azure).map(describeRight)).toEqual([])
  })

  test.each([
    ['keda', 'Azure Service Bus Data Owner on queue orders'],
    ['simulation', 'Azure Service Bus Data Owner on queue orders-simulation'],
    ['admin', 'Cosmos DB Built-in Data Contributor on container analytics'],
  ])('%s without %s: the rehearsal fails, and says what is missing', async (app, right) => {
    const { deployment } = world.azure
    const isIt = (one: RoleAssignment) =>
      ownerOf(deployment, one)?.app === app && describeRight(one) === right
    const assignment = deployment.assignments.find(isIt)
    if (!assignment) throw new Error(`There is no such right: ${right}`)
    const { refused } = await tryWithout(world, assignment)
    expect(refused && describeRefusal(refused)).toContain(`Missing: ${right}`)
  })
})
