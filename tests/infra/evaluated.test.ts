/**
 * What the rehearsal reads of evaluated templates: what Azure would not take it does not take either, what it does not play
 * it says, and without a resource nothing else changes.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import access from '../../infra/access.json' with { type: 'json' }
import { findBicep, type Resource } from '../../infra/bicep.ts'
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import { type Evaluated, evaluateCluster, evaluated, evaluateFunctions } from '../../local/azure/evaluated.ts'

const tools = findBicep() && findTool('helm')
if (!tools) {
  if (process.env.CI) throw new Error('Bicep or helm could not be had.')
  console.warn('Skipped: the tests of evaluated templates need Bicep and helm.')
}

describe.skipIf(!tools)('an evaluated template', () => {
  let functions: Evaluated
  let aks: Evaluated

  beforeAll(async () => {
    functions = await evaluateFunctions()
    aks = await evaluateCluster()
  }, 240_000)

  /** A copy in which the resources of a type are changed. */
  function changed(type: string, change: (resource: Resource) => void, of = functions): Evaluated {
    const resources = structuredClone([...of.resources])
    for (const resource of resources.filter((one) => one.type === type)) change(resource)
    return evaluated(resources, [...of.chart])
  }

  test.each([
    ['functions', () => functions],
    ['aks', () => aks],
  ])('%s: without any one role assignment that one is missing, and nothing else', (_name, of) => {
    const { deployment, without } = of()
    expect(deployment.assignments.length).toBeGreaterThan(25)
    for (const assignment of deployment.assignments) {
      const { assignments, ...rest } = without(assignment.id)
      expect(assignments).toEqual(deployment.assignments.filter((one) => one !== assignment))
      expect({ ...rest, assignments: deployment.assignments }).toEqual(deployment)
    }
    expect(() => without('/another')).toThrow('/another')
  })

  test('only whoever deploys has a right that is not rehearsed', () => {
    const names = (all: Evaluated) => all.deployment.otherRights.map(({ whom, isKnown }) => [whom, isKnown])
    expect(names(functions)).toEqual([])
    expect(names(aks)).toEqual([['whoever deploys', true]])
  })

  test('a role of somebody else is told', () => {
    const principalId = "[reference('/subscriptions/1/sites/func-store', '2025-03-01').identity.principalId]"
    const { deployment } = changed('Microsoft.Authorization/roleAssignments', ({ properties }) => {
      properties.principalId = principalId
    })
    expect(deployment.otherRights[0]).toMatchObject({ whom: principalId, isKnown: false })
  })

  test.each([
    [
      'a role of Cosmos DB among those of Azure',
      'Microsoft.Authorization/roleAssignments',
      { roleDefinitionId: `/sqlRoleDefinitions/${access.roles['Cosmos DB Built-in Data Reader']}` },
      /none of \/providers\/Microsoft\.Authorization\/roleDefinitions/,
    ],
    [
      'a role of Azure among those of Cosmos DB',
      'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments',
      {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${access.roles['Storage Blob Data Owner']}`,
      },
      /none of .*\/databaseAccounts\/cosmos-\w+\/sqlRoleDefinitions/,
    ],
    [
      'a role with a condition',
      'Microsoft.Authorization/roleAssignments',
      { condition: 'x' },
      /roles with conditions are not rehearsed/,
    ],
  ])('%s is refused, by its id', (_name, type, properties, why) => {
    const change = (resource: Resource) => Object.assign(resource.properties, properties)
    expect(() => changed(type, change)).toThrow(why)
    expect(() => changed(type, change)).toThrow(/^\/subscriptions\/.*ssignments\//)
  })

  test('the model account is called by the name that it is given for that', () => {
    const type = 'Microsoft.CognitiveServices/accounts'
    const { deployment } = changed(type, ({ properties }) => {
      properties.customSubDomainName = 'another'
    })
    expect(deployment.models?.host).toBe('another.openai.azure.com')
  })

  describe('of a cluster', () => {
    /** The chart with its text changed. */
    const withChart = (from: string, to: string) =>
      evaluated([...aks.resources], JSON.parse(JSON.stringify(aks.chart).replaceAll(from, to)))
    const store = ({ deployment }: Evaluated) => deployment.apps.find(({ service }) => service === 'store')

    test('the variables of a pod that come from a secret are told, too', () => {
      const secret = aks.chart.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'metrics')
      expect(store(aks)?.settings.METRICS_TOKEN).toBe(secret?.stringData?.token)
      expect(secret?.stringData?.token).toMatch(/^[\da-f]{48}$/)
    })

    test('a secret that the chart has not is named', () => {
      const renamed = (object: KubernetesObject) =>
        object.kind === 'Secret' ? { ...object, metadata: { ...object.metadata, name: 'x' } } : object
      expect(() => evaluated([...aks.resources], aks.chart.map(renamed))).toThrow(
        /METRICS_TOKEN is to come from .*"metrics".*which the chart has not/,
      )
    })

    test('a pod that the webhook is not to see is told of no identity', () => {
      expect(store(aks)?.pod?.clientId).toMatch(/^[\da-f-]{36}$/)
      const unseen = withChart('"azure.workload.identity/use":"true"', '"azure.workload.identity/use":"yes"')
      expect(store(unseen)?.pod?.clientId).toBeUndefined()
    })

    test('the images are those of the template’s registry, which the nodes may fetch from', () => {
      const { registry, images } = aks.deployment
      expect(registry?.host).toMatch(/^cr\w+\.azurecr\.io$/)
      expect([...images].sort()).toEqual([
        `${registry?.host}/store-functions:rehearsed`,
        `${registry?.host}/store-web:rehearsed`,
      ])
    })

    test('for whom a service account’s token has to be is the template’s word', () => {
      const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'
      const misspelt = changed(type, ({ properties }) => (properties.audiences = ['api://another']), aks)
      expect(misspelt.deployment.federations[0]?.audiences).toEqual(['api://another'])
    })
  })
})
