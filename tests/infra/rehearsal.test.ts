/**
 * What `infra/` deploys runs here, with the template's settings and no others, and with its role assignments enforced:
 * the broker's and Cosmos DB's refusals come to the apps through Azure's own SDKs.
 */
import { CosmosClient } from '@azure/cosmos'
import { ServiceBusClient } from '@azure/service-bus'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import access from '../../infra/access.json' with { type: 'json' }
import { findBicep } from '../../infra/bicep.ts'
import { createAuthority } from '../../local/azure/authority.ts'
import { storageAudience } from '../../local/azure/blobs.ts'
import type { Identity, RoleAssignment } from '../../local/azure/deployment.ts'
import { type Evaluated, evaluateFunctions } from '../../local/azure/evaluated.ts'
import { machineVariables } from '../../local/azure/functionApp.ts'
import { tell, tryWithout } from '../../local/azure/rehearsal.ts'
import { faultsOf, unused } from '../../local/azure/report.ts'
import { story } from '../../local/azure/story.ts'
import { describeRefusal, describeRight, ownerOf } from '../../local/azure/words.ts'
import { startWorld, type World } from '../../local/azure/world.ts'

const program = findBicep()
if (!program) {
  if (process.env.CI) throw new Error('Bicep could not be had.')
  console.warn('Skipped: the rehearsal needs Bicep.')
}

describe.skipIf(!program)('what is deployed', () => {
  let evaluated: Evaluated
  let world: World

  beforeAll(async () => {
    evaluated = await evaluateFunctions()
    world = await startWorld(evaluated.deployment)
  }, 240_000)
  afterAll(() => world?.close(), 60_000)

  test('is told the settings of the template, every one and unaltered, and no other', () => {
    for (const [service, { app, environment, platform }] of world.apps) {
      const template = evaluated.resources.find(({ name }) => name === `${app.name}/appsettings`)?.properties
      const others = new Set([...Object.keys(platform), ...Object.keys(machineVariables())])
      const found = Object.entries(environment).filter(([name]) => !others.has(name))
      expect(found.map(([name]) => name).sort(), service).toEqual(Object.keys(template).sort())
      // What only Azure knows has a value of the rehearsal's.
      for (const [name, value] of found)
        if (!template[name].startsWith('[')) expect(value, `${service}: ${name}`).toBe(template[name])
        else
          for (const own of clientIdsIn(template[name])) expect(value, `${service}: ${name}`).toContain(own)
      expect(environment.AZURE_CLIENT_ID).toBe(environment.AzureWebJobsStorage__clientId)
      expect(JSON.stringify(found)).not.toMatch(/AccountKey|SharedAccess|127\.0\.0\.1|localhost/)
    }
    expect(world.apps.size).toBe(4)
  })

  /** The client ids of the identities that an expression speaks of. */
  const clientIdsIn = (expression: string) =>
    evaluated.deployment.identities
      .filter(({ name }) => expression.includes(`/${name}'`))
      .map(({ clientId }) => clientId)

  test.each(story)('$name', async (chapter) => {
    expect((await tell(world, chapter)).faults).toEqual([])
  })

  /** What a client of the broker signs in with as somebody. */
  const credentialOf = (identity: Identity) => ({
    async getToken() {
      const { token, expires } = await world.azure.authority.sign(identity, 'https://servicebus.azure.net')
      return { token, expiresOnTimestamp: expires * 1000 }
    },
  })

  test('the broker is there by WebSockets, too', async () => {
    const { azure } = world
    const credential = credentialOf(azure.everything)
    const webSocketOptions = { webSocket: WebSocket }
    const bus = new ServiceBusClient(azure.deployment.serviceBus.host, credential, { webSocketOptions })
    expect(await bus.createReceiver('orders-failed').peekMessages(1)).toEqual([])
    await bus.close()
  })

  test('every right is used, and nothing was refused, from the start on', () => {
    expect(unused(world.azure).map(describeRight)).toEqual([])
    expect(faultsOf(world.azure)).toEqual([])
  })

  test('who may only send may send for later, too, and nothing is said to be refused', async () => {
    const { rights, deployment } = world.azure
    const store = deployment.identities.find(({ app }) => app === 'store') as Identity
    const before = rights.refused.length
    const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 }
    const bus = new ServiceBusClient(deployment.serviceBus.host, credentialOf(store), { retryOptions })
    const sender = bus.createSender('orders')
    const [number] = await sender.scheduleMessages({ body: 1 }, new Date(Date.now() + 3_600_000))
    await sender.cancelScheduledMessages(number ?? [])
    expect(rights.refused.slice(before)).toEqual([])
    await expect(bus.createReceiver('orders').peekMessages(1)).rejects.toThrow(/Listen/)
    expect(rights.refused.slice(before).map(describeRefusal).join()).toContain(
      'receive/action on queue orders',
    )
    await bus.close()
  })

  /** What an app remembers hides for seconds that these are missing: they are left to azure:rehearse --without-each. */
  const missedLate = [
    'store: Cosmos DB Built-in Data Contributor on container secrets',
    'simulation: Cosmos DB Built-in Data Contributor on container secrets',
    'admin: Azure Service Bus Data Sender on queue orders',
  ]
  const rows = access.table
    .filter(({ app }) => app !== 'keda')
    .map(({ app, role, kind, name }) => [app, `${role} on ${name ? `${kind} ${name}` : kind}`] as const)

  test('those that are tried here are nearly all', () => {
    expect(rows.map(([app, right]) => `${app}: ${right}`)).toEqual(expect.arrayContaining(missedLate))
    expect(rows).toHaveLength(world.azure.deployment.assignments.length)
  })

  test.each(rows.filter(([app, right]) => !missedLate.includes(`${app}: ${right}`)))(
    '%s without %s: the rehearsal fails, and says what is missing',
    async (app, right) => {
      const { deployment } = world.azure
      const isIt = (one: RoleAssignment) =>
        ownerOf(deployment, one)?.app === app && describeRight(one) === right
      const assignment = deployment.assignments.find(isIt)
      if (!assignment) throw new Error(`There is no such right: ${right}`)
      const { refused } = await tryWithout(world, evaluated, assignment)
      const text = refused && describeRefusal(refused)
      expect(text).toContain(`${app} (id-${app}-`)
      expect(text).toMatch(/ in ".+": /)
      expect(text).toContain(`Missing: ${right}`)
    },
  )

  describe('a mistake is named, with the place to change it:', () => {
    /** What is refused while something is done that fails. */
    async function faultsOf(doIt: () => Promise<unknown>): Promise<string> {
      const texts = new Set<string>()
      const end = world.azure.rights.onRefused((refused) => texts.add(describeRefusal(refused)))
      await doIt().catch((error: Error) => texts.add(error.message))
      end()
      return [...texts].join('\n')
    }
    const place = async () => {
      const items = [{ productId: 1, quantity: 1 }]
      await world.customer.orders.place({ customerId: 'a', items }, crypto.randomUUID())
    }
    const restarted = (service: string, changed: Record<string, string | undefined>) =>
      faultsOf(() => world.restart(service, changed))

    afterEach(async () => {
      world.azure.authority.ahead = 0
      world.azure.clock.ahead = 0
      world.azure.authority.seconds = 3_600
    })

    test('a setting that is misspelt in its name', async () => {
      const { CosmosConnection__accountEndpoint } = world.apps.get('store')?.app.settings ?? {}
      const said = await restarted('store', {
        CosmosConnection__accountEndpoint: undefined,
        CosmosConection__accountEndpoint: CosmosConnection__accountEndpoint,
      })
      expect(said).toContain('CosmosConnection: is not set')
      expect(said).toContain('infra/settings.bicep')
    })

    test('a setting that is misspelt in its value, and one of which the app has a default in its name', async () => {
      const host = world.azure.deployment.serviceBus.host.replace('.windows.', '.window.')
      const changed = { STORE_CURRENCY: undefined, STORE_CURENCY: 'USD' }
      const misspelt = { ServiceBusConnection__fullyQualifiedNamespace: host, ...changed }
      expect(await restarted('store', misspelt)).toMatch(
        /^store \(id-store-\w+\), at its start: nothing reads STORE_CURENCY: see infra\/settings\.bicep/,
      )
      const said = await faultsOf(place)
      expect(said).toContain(`store (id-store-`)
      expect(said).toContain(host)
      expect(said).toContain('it stands in ServiceBusConnection__fullyQualifiedNamespace: see infra/')
    })

    test('a connection that does not say as whom it signs in', async () => {
      await world.restart('makeline', { ServiceBusConnection__credential: undefined })
      const scaling = story.find(({ name }) => name.startsWith('what scales the apps'))
      const said = await faultsOf(async () => scaling?.tell(world, new AbortController().signal))
      expect(said).toContain(
        'needs the setting ServiceBusConnection__credential, "managedidentity", in infra/',
      )
    })

    test('a queue that does not exist', async () => {
      await world.restart('store', { OrdersQueue: 'order' })
      const said = await faultsOf(place)
      expect(said).toMatch(
        /store \(id-store-\w+\).* on queue order: there is no order; the template has orders, /,
      )
      expect(said).toContain('See infra/service-bus.json, or the setting OrdersQueue')
    })

    test('a model that does not exist', async () => {
      await world.restart('admin', { AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: 'gpt' })
      const paint = { name: 'Rope', description: 'A rope.', format: 'data' } as const
      const said = await faultsOf(() => world.employee.ai.image(paint))
      expect(said).toMatch(
        /admin \(id-admin-\w+\) was refused to call a model on models: there is no gpt; the template has gpt-5\.4-mini, /,
      )
      expect(said).toContain('the settings AZURE_OPENAI_…DEPLOYMENT_NAME')
    })

    test.each(['ServiceBus', 'Cosmos'])('a key in the place of an address: %s', async (service) => {
      const { serviceBus, cosmos } = world.azure.deployment
      const changed = {
        ServiceBus: {
          ServiceBusConnection: `Endpoint=sb://${serviceBus.host}/;SharedAccessKeyName=n;SharedAccessKey=a2V5`,
          ServiceBusConnection__fullyQualifiedNamespace: undefined,
        },
        Cosmos: {
          CosmosConnection: `AccountEndpoint=https://${cosmos.host}:443/;AccountKey=a2V5;`,
          CosmosConnection__accountEndpoint: undefined,
        },
      }[service]
      await world.restart('store', changed)
      const said = await faultsOf(place)
      expect(said).toContain('it came with a key, and no token. See infra/settings.bicep: ')
    })

    test('another app’s identity, of which the platform gives no token', async () => {
      const { clientId } = world.azure.deployment.identities.find(({ app }) => app === 'admin') ?? {}
      await world.restart('store', {
        AZURE_CLIENT_ID: clientId,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${clientId};Authorization=AAD`,
      })
      const said = await faultsOf(() => world.customer.products.list())
      expect(said).toContain(`func-store-`)
      expect(said).toContain(`asked to be ${clientId}, which is none of its identities (id-store-`)
      expect(said).toContain('AZURE_CLIENT_ID')
    })

    test('a database that does not exist', async () => {
      await world.restart('store', { CosmosDatabase: 'shop' })
      const said = await faultsOf(() => world.customer.products.list())
      expect(said).toMatch(
        /store \(id-store-\w+\).*there is no \/dbs\/shop\/colls\/products; the template has \/dbs\/store\//,
      )
      expect(said).toContain('See infra/cosmos.json, or the setting CosmosDatabase')
      await world.restart('store')
    })

    test('a container that is deleted', async () => {
      const { azure, customer, webApps } = world
      const account = azure.deployment.storage.find(({ containers }) => containers.includes('product-images'))
      const { token } = await azure.authority.sign(azure.everything, storageAudience)
      const { status } = await fetch(`https://${account?.host}/product-images?restype=container`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2025-01-05' },
      })
      expect(status).toBe(202)
      expect((await customer.health()).status).toBe('ok')
      const picture = `${webApps.get('web-store')?.url}/api/products/images/${'0'.repeat(64)}.png`
      const said = await faultsOf(() => fetch(picture))
      expect(said).toContain(
        'on blobs product-images: product-images was deleted. See the template, which has it: azd provision',
      )
      expect(said).toMatch(/^store \(id-store-/)
    })

    test('an app whose clock is an hour ahead, which is refused nothing', async () => {
      const told = new Promise<string>((resolve) => {
        const end = world.azure.rights.onRefused((refused) => {
          if (refused.fault !== 'clock') return
          end()
          resolve(describeRefusal(refused))
        })
      })
      await world.restart('store', {}, 3_600_000)
      await world.customer.products.list()
      expect(await told).toMatch(
        /^store \(id-store-\w+\), at insights: its clock is 60 minutes ahead of the one here: .*See/,
      )
    })

    test('an app whose clock is an hour behind, and which goes on with tokens that have expired', async () => {
      world.azure.authority.seconds = -600
      const said = await faultsOf(async () => {
        await world.restart('store', {}, -3_600_000)
        await world.customer.products.list()
      })
      expect(said).toMatch(
        /^store \(id-store-\w+\) was refused to sign in .*the token expired at .*See the clocks of both/m,
      )
      world.azure.authority.seconds = 3_600
      await world.restart('store')
    })

    const faults = {
      'a token for another audience': {
        code: /for https:\/\/graph.microsoft.com, and not for https.*its client asks for another scope. See functions\/platform\//,
        sign: () => world.azure.authority.sign(world.azure.everything, 'https://graph.microsoft.com'),
      },
      'a token that has expired': {
        code: /the token expired at .*is a clock wrong, or was the token kept too long/,
        async sign(audience: string) {
          world.azure.authority.seconds = -600
          return world.azure.authority.sign(world.azure.everything, audience)
        },
      },
      'a clock an hour ahead': {
        code: /the token is good from .* on, and here it is .*the clock of who signed it, or the one here, is wrong/,
        async sign(audience: string) {
          world.azure.authority.ahead = 3_600_000
          return world.azure.authority.sign(world.azure.everything, audience)
        },
      },
      'services whose clock is an hour ahead of a token that is good for half of one': {
        code: /the token expired at .*is a clock wrong, .*See the clocks of both machines/,
        sign(audience: string) {
          world.azure.clock.ahead = 3_600_000
          world.azure.authority.seconds = 1_800
          return world.azure.authority.sign(world.azure.everything, audience)
        },
      },
      'services whose clock is an hour behind': {
        code: /the token is good from .* on, and here it is .*is wrong. See the clocks of both machines/,
        sign(audience: string) {
          world.azure.clock.ahead = -3_600_000
          return world.azure.authority.sign(world.azure.everything, audience)
        },
      },
      'a token that somebody else signed': {
        code: /the signature of the token is not that of its authority. See AZURE_AUTHORITY_HOST/,
        sign: async (audience: string) =>
          (await createAuthority(world.azure.deployment)).sign(world.azure.everything, audience),
      },
    }
    test.each(Object.entries(faults))('%s, by the SDKs of Azure', async (_name, { code, sign }) => {
      const { serviceBus, cosmos, storage } = world.azure.deployment
      const credential = {
        async getToken(scopes: string | string[]) {
          const { token } = await sign(String([scopes].flat()[0]).replace(/\/+\.default$/, ''))
          return { token, expiresOnTimestamp: Date.now() + 3_600_000 }
        },
      }
      // By default it tries for minutes.
      const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 }
      const bus = new ServiceBusClient(serviceBus.host, credential, { retryOptions })
      const database = new CosmosClient({ endpoint: `https://${cosmos.host}/`, aadCredentials: credential })
      const blobs = new BlobServiceClient(`https://${storage[0]?.host}`, credential)
      const attempts = {
        'the broker': () => bus.createSender('orders').sendMessages({ body: 1 }),
        'Cosmos DB': () => database.database(cosmos.database).container('orders').item('1', '1').read(),
        'Blob Storage': () => blobs.getContainerClient('packages').exists(),
      }
      for (const [service, attempt] of Object.entries(attempts)) {
        const outcome = await attempt().catch((error: Error) => error)
        expect(outcome, service).toBeInstanceOf(Error)
        expect(await faultsOf(attempt), service).toMatch(code)
      }
      await bus.close()
      database.dispose()
    })

    // Nothing comes after these, for what is deleted is gone.
    test('a container of Cosmos DB that is deleted', async () => {
      const { parts, deployment } = world.azure
      parts.cosmos.deleteContainer(deployment.cosmos.database, 'analytics')
      const said = await faultsOf(() => world.employee.analytics.summary())
      expect(said).toMatch(
        /^admin \(id-admin-\w+\) was refused .* on container analytics: \/dbs\/store\/colls\/analytics was deleted. See the template, which has it: azd provision/m,
      )
    })

    test('a queue that is deleted', async () => {
      const { authority, everything, deployment } = world.azure
      const { token } = await authority.sign(everything, 'https://servicebus.azure.net')
      const { status } = await fetch(`https://${deployment.serviceBus.host}/orders?api-version=2021-05`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}` },
      })
      expect(status).toBe(200)
      const said = await faultsOf(place)
      expect(said).toMatch(
        /^store \(id-store-\w+\) was refused .* on queue orders: orders was deleted. See the template, which has it: azd provision/m,
      )
    })

    test('a right that is missing from the first start on', async () => {
      // Two worlds have the same host names.
      await world.close()
      const ofPackage = evaluated.deployment.assignments.find(
        (one) =>
          ownerOf(evaluated.deployment, one)?.app === 'store' && describeRight(one).endsWith('on host'),
      )
      const { apps, ...rest } = evaluated.without(ofPackage?.id ?? '')
      const deployment = { ...rest, apps: apps.filter(({ service }) => service === 'store'), webApps: [] }
      await expect(startWorld(deployment)).rejects.toThrow(
        /^The package of func-store-\w+ cannot be fetched: 403 [\s\S]*\nthe platform, for store \(id-store-\w+\), was refused \S+blobs\/read on host: .*infra\/access\.json, {"app":"store","role":"Storage Blob Data Reader","kind":"host"/,
      )
    })
  })
})
