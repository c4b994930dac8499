/** Evaluated templates: what `infra/` would create with some parameters, without an account. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../local/root.ts'
import { account, type Bicep, type Resource } from './bicep.ts'

export type Parameters = Record<string, string | number | boolean>

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

/** A copy of `infra/` in a folder of its own, for a test to change. */
export function copyOfInfra() {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'))
  cpSync(join(root, 'infra'), folder, { recursive: true })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Evaluates the template in a folder; under another name of the parameters' file it is evaluated anew. */
export function evaluate(
  bicep: Bicep,
  folder: string,
  parameters: Parameters = {},
  name = 'test',
): Promise<Resource[]> {
  const all: Parameters = { environmentName: 'test', location: 'westeurope', ...parameters }
  const file = join(folder, `${name}.bicepparam`)
  const lines = Object.entries(all).map(([name, value]) => `param ${name} = ${literal(value)}`)
  writeFileSync(file, ["using 'main.bicep'", ...lines, ''].join('\n'))
  return bicep.evaluate(file)
}

const literal = (value: string | number | boolean) =>
  typeof value === 'string' ? `'${value}'` : String(value)

export const ofType = (resources: Resource[], type: string) => resources.filter((one) => one.type === type)

/** The settings of an app as Azure would hand them to it; what only Azure knows has a sample in its place. */
export function settingsOf(resources: Resource[], service: string): Record<string, string> {
  const app = ofType(resources, 'Microsoft.Web/sites').find(
    (one) => one.tags?.['azd-service-name'] === service,
  )
  const config = resources.find(({ name }) => name === `${app?.name}/appsettings`)
  const settings: Record<string, string> = config?.properties ?? {}
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, sample(value)]))
}

/** The value of an expression, as far as the settings have any: samples, and texts that are put together from them. */
export function sample(expression: string): string {
  if (!expression.startsWith('[') || expression.startsWith('[[')) return expression
  let text = expression
    .slice(1, -1)
    .replaceAll('environment().suffixes.storage', "'core.windows.net'")
    .replaceAll('environment().authentication.loginEndpoint', "'https://login.microsoftonline.com/'")
    .replaceAll(/reference\('[^']*', '[^']*'\)\.clientId/g, "'33333333-3333-3333-3333-333333333333'")
    .replaceAll(/reference\('[^']*', '[^']*'\)\.ConnectionString/g, "'InstrumentationKey=0'")
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/format\(('[^']*'(?:, '[^']*')*)\)/, (_all, list: string) => {
      const [pattern = '', ...values] = list.slice(1, -1).split("', '")
      return `'${pattern.replaceAll(/\{(\d)\}/g, (_hole, at: string) => values[Number(at)] ?? '')}'`
    })
  }
  const value = /^'([^']*)'$/.exec(text)?.[1]
  if (value === undefined) throw new Error(`Not understood: ${expression}`)
  return value
}

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
