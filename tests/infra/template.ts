/** Evaluated templates: the parameters that everything is tested with, and what tests read of the answers. */
import { account, type Resource } from '../../infra/bicep.ts'
import { ofType, type Parameters, resolveText } from '../../infra/evaluate.ts'

/** The sets of parameters that everything is tested with. */
export const parameterSets = {
  default: {},
  basic: { serviceBusTier: 'Basic', ordersPerHour: 120, nodeVersion: '22' },
  models: {
    textModel: 'gpt-5.4-mini',
    imageModel: 'gpt-image-2',
    monthlyBudget: 50,
    currency: 'EUR',
    orderRetentionDays: 365,
    ordersPerMinute: 600,
    callerOrdersPerMinute: 60,
    signInClientId: '44444444-4444-4444-4444-444444444444',
    signInClientSecret: 'a secret',
    adminGroups: '55555555-5555-4555-8555-555555555555',
  },
  team: {
    network: 'private',
    zoneRedundant: true,
    alwaysReadyInstances: 1,
    alertEmail: 'team@contoso.example',
    monthlyBudget: 300,
    ordersPerHour: 60,
  },
  aks: {
    hosting: 'aks',
    storeHost: 'store.contoso.example',
    adminHost: 'admin.contoso.example',
    ordersPerHour: 60,
  },
  both: { hosting: 'both', clusterKind: 'Standard' },
} satisfies Record<string, Parameters>

/** The settings of an app as Azure would hand them to it; what only Azure knows has a sample in its place. */
export function settingsOf(resources: Resource[], service: string): Record<string, string> {
  const app = ofType(resources, 'Microsoft.Web/sites').find(
    (one) => one.tags?.['azd-service-name'] === service,
  )
  const config = resources.find(({ name }) => name === `${app?.name}/appsettings`)
  const settings: Record<string, string> = config?.properties ?? {}
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, sample(value)]))
}

const samples: Record<string, string> = {
  clientId: '33333333-3333-3333-3333-333333333333',
  ConnectionString: 'InstrumentationKey=00000000-0000-4000-8000-000000000000',
}

const sample = (expression: string) =>
  resolveText(expression, (_id, property) => {
    const value = samples[property]
    if (value === undefined) throw new Error(`Not understood: ${expression}`)
    return value
  })

/** A role that is assigned: the app that has it, its id, and the thing that it is about, as path in the group. */
export interface Assignment {
  app: string
  role: string
  scope: string
}

/** Every role assignment, those of Cosmos DB among them. */
export function assignmentsOf(resources: Resource[]): Assignment[] {
  const group = `/subscriptions/${account.subscriptionId}/resourceGroups/rg-test/providers/`
  return resources
    .filter(({ type }) => /roleAssignments$/i.test(type))
    .map(({ id, properties }) => ({
      app: /userAssignedIdentities\/id-(\w+)-/.exec(properties.principalId)?.[1] ?? properties.principalId,
      role: String(properties.roleDefinitionId).split('/').at(-1) ?? '',
      scope: String(properties.scope ?? id.split('/providers/Microsoft.Authorization/')[0]).replace(
        group,
        '',
      ),
    }))
}
