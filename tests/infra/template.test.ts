import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../functions/platform/config.ts'
import access from '../../infra/access.json' with { type: 'json' }
import { type Bicep, findBicep, type Resource, startBicep } from '../../infra/bicep.ts'
import { copyOfInfra, evaluate, ofType } from '../../infra/evaluate.ts'
import { root } from '../../local/root.ts'
import { faultsOf } from './checks.ts'
import { assignmentsOf, parameterSets, settingsOf } from './template.ts'

const app = vi.hoisted(() => ({
  http: vi.fn(),
  timer: vi.fn(),
  serviceBusQueue: vi.fn(),
  setup: vi.fn(),
  hook: { appStart: vi.fn(), appTerminate: vi.fn(), log: vi.fn() },
}))
vi.mock('@azure/functions', async (original) => ({ ...(await original<object>()), app }))

/** The queue triggers that a process with these settings registers. */
async function queueTriggersOf(settings: Record<string, string>) {
  vi.resetModules()
  app.serviceBusQueue.mockClear()
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  await import('../../functions/index.ts')
  vi.unstubAllEnvs()
  return app.serviceBusQueue.mock.calls.map(
    ([, options]) => options as Record<'queueName' | 'connection', string>,
  )
}

const program = findBicep()
if (!program) {
  const why =
    'Bicep is not on this machine, nor could it be fetched with dotnet (https://aka.ms/bicep-install)'
  if (process.env.CI) throw new Error(why)
  console.warn(`Skipped: ${why}`)
}

describe.skipIf(!program)('the templates', () => {
  let bicep: Bicep
  let copy: ReturnType<typeof copyOfInfra>
  const evaluated = {} as Record<keyof typeof parameterSets, Resource[]>

  beforeAll(async () => {
    bicep = startBicep(program ?? '')
    copy = copyOfInfra()
    for (const name of Object.keys(parameterSets) as (keyof typeof parameterSets)[])
      evaluated[name] = await evaluate(bicep, copy.folder, parameterSets[name])
  }, 240_000)
  afterAll(() => {
    bicep?.stop()
    copy?.remove()
  })

  const files = readdirSync(join(root, 'infra')).filter((name) => name.endsWith('.bicep'))

  test('compile without a warning, and are formatted', async () => {
    // Its modules are compiled with it.
    const said = await bicep.diagnose(join(root, 'infra', 'main.bicep'))
    expect(said.filter(({ level }) => level !== 'Off')).toEqual([])
    const sources = files.map((name) => readFileSync(join(root, 'infra', name), 'utf8')).join()
    for (const name of files) {
      const file = join(root, 'infra', name)
      if (name !== 'main.bicep') expect(sources, `${name} is used`).toContain(`'${name}'`)
      expect(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'), `bicep format ${name}`).toBe(
        await bicep.format(file),
      )
    }
  })

  const names = Object.keys(parameterSets) as (keyof typeof parameterSets)[]
  test.each(names)('%s: nothing is wrong with what would be created', (name) => {
    expect(faultsOf(evaluated[name], { basic: name === 'basic' })).toEqual([])
  })

  test('a second run finds every resource by its name', async () => {
    const again = await evaluate(bicep, copy.folder, parameterSets.team, 'again')
    expect(again.map(({ id }) => id)).toEqual(evaluated.team.map(({ id }) => id))
    for (const { id } of evaluated.team) expect(id).not.toMatch(/reference\(|utcNow|newGuid|deployment\(/)
    expect(new Set(evaluated.team.map(({ id }) => id)).size).toBe(evaluated.team.length)
  })

  test('there is a simulation only with a rate, models only by name, alerts only with an address', () => {
    const four = ['default', 'basic', 'models', 'team'] as const
    const apps = (of: Resource[]) => ofType(of, 'Microsoft.Web/sites').length
    expect(four.map((name) => apps(evaluated[name]))).toEqual([3, 4, 3, 4])
    const models = ofType(evaluated.models, 'Microsoft.CognitiveServices/accounts/deployments')
    expect(models.map(({ name }) => name.split('/')[1])).toEqual(['gpt-5.4-mini', 'gpt-image-2'])
    expect(ofType(evaluated.default, 'Microsoft.CognitiveServices/accounts')).toEqual([])
    expect(four.map((name) => ofType(evaluated[name], 'Microsoft.Insights/metricAlerts').length)).toEqual([
      0, 0, 0, 2,
    ])
    expect(four.map((name) => ofType(evaluated[name], 'Microsoft.Consumption/budgets').length)).toEqual([
      0, 0, 1, 1,
    ])
  })

  test('the store reads no dead letters, writes no products and touches no other app’s package', () => {
    const ids: Record<string, string> = access.roles
    const may = assignmentsOf(evaluated.team)
      .filter(({ app }) => app === 'store')
      .map(({ role, scope }) => [Object.keys(ids).find((name) => ids[name] === role), scope] as const)
    expect(may.filter(([, scope]) => scope.includes('/queues/')).map(([role]) => role)).toEqual([
      'Azure Service Bus Data Sender',
    ])
    expect(may.filter(([, scope]) => scope.endsWith('/colls/products')).map(([role]) => role)).toEqual([
      'Cosmos DB Built-in Data Reader',
    ])
    expect(may.filter(([role]) => role === 'Storage Blob Data Owner')).toHaveLength(1)
    const packages = ofType(evaluated.team, 'Microsoft.Web/sites').map(
      ({ properties }) => properties.functionAppConfig.deployment.storage.value,
    )
    expect(new Set(packages).size).toBe(4)
  })

  test('roles have the ids that Azure documents', () => {
    // Microsoft Learn, "Azure built-in roles", and "Azure Cosmos DB for NoSQL data plane security reference".
    expect(access.roles).toMatchObject({
      'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
      'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
      'Storage Blob Data Reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
      'Azure Service Bus Data Owner': '090c5cfd-751d-490a-894a-3ce6f1109419',
      'Azure Service Bus Data Sender': '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
      'Azure Service Bus Data Receiver': '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
      'Cognitive Services OpenAI User': '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
      'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb',
      'Cosmos DB Built-in Data Reader': '00000000-0000-0000-0000-000000000001',
      'Cosmos DB Built-in Data Contributor': '00000000-0000-0000-0000-000000000002',
    })
  })

  test('a linked app has no rules on addresses and no private endpoint; the others answer no stranger', () => {
    for (const { tags, properties } of ofType(evaluated.team, 'Microsoft.Web/sites')) {
      const linked = ['store', 'admin'].includes(tags?.['azd-service-name'] ?? '')
      expect(properties.siteConfig.ipSecurityRestrictionsDefaultAction).toBe(linked ? 'Allow' : 'Deny')
    }
    const endpoints = ofType(evaluated.team, 'Microsoft.Network/privateEndpoints')
    expect(endpoints).toHaveLength(6)
    expect(JSON.stringify(endpoints)).not.toContain('Microsoft.Web')
    const subnets = ofType(evaluated.team, 'Microsoft.Web/sites').map(
      (app) => app.properties.virtualNetworkSubnetId,
    )
    expect(new Set(subnets).size).toBe(4)
    expect(subnets.every((id) => /subnets\/\w+$/.test(id))).toBe(true)
  })

  test('who signs in is the Static Web App’s business: the app asks for its sign-in', () => {
    for (const app of ['store', 'admin']) {
      const lock = evaluated.default.find(
        ({ name }) => name.startsWith(`func-${app}-`) && name.endsWith('/authsettingsV2'),
      )
      expect(lock?.properties.globalValidation).toEqual({
        requireAuthentication: true,
        unauthenticatedClientAction: 'Return401',
      })
      expect(lock?.properties.identityProviders.azureStaticWebApps.enabled).toBe(true)
    }
  })

  test('the admin refuses to start where nothing keeps callers from forging their roles', () => {
    const admin = { ...settingsOf(evaluated.default, 'admin'), WEBSITE_SITE_NAME: 'app' }
    expect(() => readConfig({ ...admin, WEBSITE_AUTH_ENABLED: 'False' })).toThrow(/AUTH: is swa/)
    expect(readConfig({ ...admin, WEBSITE_AUTH_ENABLED: 'True' }).auth).toBe('swa')
  })

  test('every app knows the currency and for how long orders are kept, the store how many it takes', () => {
    const read = (of: Resource[], app: string) =>
      readConfig({ ...settingsOf(of, app), WEBSITE_SITE_NAME: 'app', WEBSITE_AUTH_ENABLED: 'True' })
    for (const app of ['store', 'admin', 'makeline'])
      expect(read(evaluated.models, app)).toMatchObject({
        currency: { code: 'EUR' },
        orderRetentionDays: 365,
      })
    expect(read(evaluated.models, 'store').placing).toEqual({
      ordersPerMinute: 600,
      callerOrdersPerMinute: 60,
    })
    // What nobody chose is what the app itself would choose.
    const { ROLES, ...rest } = settingsOf(evaluated.default, 'store')
    const chosen = {
      STORE_CURRENCY: '',
      ORDER_RETENTION_DAYS: '',
      ORDERS_PER_MINUTE: '',
      ORDERS_PER_MINUTE_PER_CALLER: '',
    }
    const without = Object.fromEntries(Object.entries(rest).filter(([name]) => !(name in chosen)))
    expect(readConfig(rest)).toEqual(readConfig(without))
  })

  test('the alerts on logs do not wait for their tables', () => {
    const rules = ofType(evaluated.team, 'Microsoft.Insights/scheduledQueryRules')
    expect(rules.length).toBeGreaterThan(3)
    for (const { properties } of rules) expect(properties.skipQueryValidation).toBe(true)
  })

  test('the queue of each trigger is there, and its app may receive from it and tell its length', async () => {
    const owner = 'Azure Service Bus Data Owner'
    const triggers: string[] = []
    for (const name of ['store', 'admin', 'makeline', 'simulation']) {
      const settings = settingsOf(evaluated.basic, name)
      const told = { ...settings, WEBSITE_SITE_NAME: 'app', WEBSITE_AUTH_ENABLED: 'True' }
      for (const { queueName, connection } of await queueTriggersOf(told)) {
        triggers.push(`${name}: ${queueName}`)
        for (const part of ['fullyQualifiedNamespace', 'credential', 'clientId'])
          expect(settings, `${name} receives from ${queueName}`).toHaveProperty(`${connection}__${part}`)
        const queue = queueName.replace('/$DeadLetterQueue', '')
        const may = assignmentsOf(evaluated.basic).filter(
          ({ app, scope }) => app === name && scope.endsWith(`/queues/${queue}`),
        )
        expect(
          may.map(({ role }) => role),
          `${name} on ${queue}`,
        ).toContain(access.roles[owner])
      }
    }
    expect(triggers).toEqual(
      expect.arrayContaining([
        'makeline: orders',
        'makeline: orders/$DeadLetterQueue',
        'simulation: orders-simulation',
      ]),
    )
  })

  test('with Basic there are no more connections than it has', () => {
    const most = (of: Resource[]) =>
      ofType(of, 'Microsoft.Web/sites').map(
        ({ properties }) => properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount as number,
      )
    expect(Math.max(...most(evaluated.basic))).toBe(20)
    expect(Math.max(...most(evaluated.default))).toBe(40)
  })

  test('the republisher runs each five minutes, for each of its runs is paid for', () => {
    expect(readConfig(settingsOf(evaluated.default, 'makeline')).republishSchedule).toBe('0 */5 * * * *')
  })

  /** A mistake in a copy, and the fault that must be found. */
  const mistakes: [what: string, file: string, from: string, to: string, fault: RegExp][] = [
    [
      'a setting’s name misspelt',
      'settings.bicep',
      'CosmosConnection__accountEndpoint',
      'CosmosConnection__accountEndpont',
      /does not read CosmosConnection__accountEndpont/,
    ],
    ['a queue renamed', 'service-bus.json', '"orders-failed"', '"orders-broken"', /no queue orders-broken/],
    [
      'a role removed',
      'access.json',
      '{ "app": "store", "role": "Azure Service Bus Data Sender", "kind": "queue", "name": "orders",',
      '{ "app": "nobody", "role": "Azure Service Bus Data Sender", "kind": "queue", "name": "orders",',
      /Not assigned: store: 69a216fc/,
    ],
    [
      'a role that is not in the table',
      'access.json',
      '{ "app": "store", "role": "Cosmos DB Built-in Data Reader"',
      '{ "app": "store", "role": "Cosmos DB Built-in Data Contributor"',
      /Not in the table: store: 00000000-0000-0000-0000-000000000002/,
    ],
    [
      'shared keys switched on',
      'storage.bicep',
      'allowSharedKeyAccess: false',
      'allowSharedKeyAccess: true',
      /allowSharedKeyAccess is not false/,
    ],
    [
      'a service’s tag changed',
      'resources.bicep',
      'service: app\n',
      "service: replace(app, 'makeline', 'make-line')\n",
      /The service makeline has 0 resources/,
    ],
    [
      'a Static Web App linked to another app',
      'resources.bicep',
      'backendName: appName(app, token)',
      "backendName: appName('admin', token)",
      /swa-store-\w+\/api has to do with admin/,
    ],
    [
      'calls without encryption',
      'functionApp.bicep',
      'httpsOnly: true',
      'httpsOnly: false',
      /properties\.httpsOnly is not true/,
    ],
    [
      'telemetry by key',
      'functionApp.bicep',
      ';Authorization=AAD',
      '',
      /telemetry is not sent by the app's identity/,
    ],
    [
      'a role of a person',
      'access.bicep',
      "principalType: 'ServicePrincipal'",
      "principalType: 'User'",
      /is for a User/,
    ],
    [
      'a trigger not told its identity',
      'settings.bicep',
      "contains(['makeline', 'simulation'], app)",
      "contains(['makeline'], app)",
      /simulation: the host misses ServiceBusConnection__credential/,
    ],
    [
      'the host not told its identity',
      'functionApp.bicep',
      "AzureWebJobsStorage__credential: 'managedidentity'",
      '',
      /the host misses AzureWebJobsStorage__credential/,
    ],
  ]
  test('all of them are noticed at once', async () => {
    const { folder, remove } = copyOfInfra()
    try {
      for (const [, file, from, to] of mistakes) {
        const text = readFileSync(join(folder, file), 'utf8')
        expect(text).toContain(from)
        writeFileSync(join(folder, file), text.replace(from, to))
      }
      const found = faultsOf(await evaluate(bicep, folder, parameterSets.basic), { basic: true }).join('\n')
      for (const [what, , , , fault] of mistakes) expect(found, what).toMatch(fault)
    } finally {
      remove()
    }
  })

  test('an unknown property is noticed', async () => {
    const { folder, remove } = copyOfInfra()
    const file = join(folder, 'serviceBus.bicep')
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('disableLocalAuth: true', 'disableLocalAuthentication: true'),
    )
    expect((await bicep.diagnose(file)).map(({ code }) => code)).toContain('BCP037')
    remove()
  })
})
