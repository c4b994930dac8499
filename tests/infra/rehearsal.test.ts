/**
 * What `infra/` deploys runs here, with the template's settings and no others, and with its role assignments enforced:
 * the broker's and Cosmos DB's refusals come to the apps through Azure's own SDKs.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBicep, type Resource } from '../../infra/bicep.ts'
import { type RoleAssignment, readDeployment } from '../../local/azure/deployment.ts'
import { evaluateAll } from '../../local/azure/evaluated.ts'
import { machineVariables } from '../../local/azure/functionApp.ts'
import { tell, tryWithout } from '../../local/azure/rehearsal.ts'
import { unused } from '../../local/azure/report.ts'
import { story } from '../../local/azure/story.ts'
import { describeRefusal, describeRight, ownerOf } from '../../local/azure/words.ts'
import { startWorld, type World } from '../../local/azure/world.ts'

const program = findBicep()
if (!program) {
  if (process.env.CI) throw new Error('Bicep could not be had.')
  console.warn('Skipped: the rehearsal needs Bicep.')
}

describe.skipIf(!program)('what is deployed', () => {
  let resources: Resource[]
  let world: World

  beforeAll(async () => {
    resources = await evaluateAll()
    world = await startWorld(readDeployment(resources))
  }, 240_000)
  afterAll(() => world?.close(), 60_000)

  test('is told the settings of the template, every one and unaltered, and no other', () => {
    for (const [service, { app, environment, platform }] of world.apps) {
      const template = resources.find(({ name }) => name === `${app.name}/appsettings`)?.properties
      const others = new Set([...Object.keys(platform), ...Object.keys(machineVariables())])
      const found = Object.entries(environment).filter(([name]) => !others.has(name))
      expect(found.map(([name]) => name).sort(), service).toEqual(Object.keys(template).sort())
      // What only Azure knows has a value of the rehearsal's.
      for (const [name, value] of found)
        if (!template[name].startsWith('[')) expect(value, `${service}: ${name}`).toBe(template[name])
      expect(environment.AZURE_CLIENT_ID).toBe(environment.AzureWebJobsStorage__clientId)
      expect(JSON.stringify(found)).not.toMatch(/AccountKey|SharedAccess|127\.0\.0\.1|localhost/)
    }
    expect(world.apps.size).toBe(4)
  })

  test.each(story)('$name', async (chapter) => {
    expect((await tell(world, chapter)).faults).toEqual([])
  })

  test('every right is used', () => {
    expect(unused(world.azure).map(describeRight)).toEqual([])
  })

  // All of them, one by one: npm run azure:rehearse -- --without-each
  test.each([
    ['store', 'Storage Blob Data Reader on blobs product-images'],
    ['store', 'Azure Service Bus Data Sender on queue orders'],
    ['admin', 'Azure Service Bus Data Receiver on queue orders-failed'],
    ['makeline', 'Azure Service Bus Data Owner on queue orders'],
    ['admin', 'Cognitive Services OpenAI User on models'],
    ['store', 'Cosmos DB Built-in Data Contributor on container orders'],
    ['makeline', 'Monitoring Metrics Publisher on insights'],
  ])('%s without %s: the rehearsal fails, and says what is missing', async (app, right) => {
    const { deployment } = world.azure
    const isIt = (one: RoleAssignment) =>
      ownerOf(deployment, one)?.app === app && describeRight(one) === right
    const assignment = deployment.assignments.find(isIt)
    if (!assignment) throw new Error(`There is no such right: ${right}`)
    const { refused } = await tryWithout(world, assignment)
    const text = refused && describeRefusal(refused)
    expect(text).toContain(`${app} (id-${app}-`)
    expect(text).toContain(`Missing: ${right}`)
  })
})
