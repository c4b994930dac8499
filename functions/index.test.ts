import type { HttpFunctionOptions } from '@azure/functions'
import { Validator } from '@seriousme/openapi-schema-validator'
import { aliases } from '@store/contract/aliases'
import { operations } from '@store/contract/operations'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { invoke } from '../tests/invoke.ts'
import type { OpenApi } from './platform/openApi.ts'

const settings = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}

const app = vi.hoisted(() => ({ http: vi.fn(), timer: vi.fn(), serviceBusQueue: vi.fn() }))
vi.mock('@azure/functions', async (original) => ({ ...(await original<object>()), app }))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.clearAllMocks()
})

/** What a fresh process with these settings registers. */
async function register(env: Record<string, string>) {
  vi.resetModules()
  for (const [name, value] of Object.entries({ ...settings, ...env })) vi.stubEnv(name, value)
  await import('./index.ts')
  const routes = new Map(app.http.mock.calls as [string, HttpFunctionOptions][])
  const unknown = routes.get('zUnknownRoute')
  routes.delete('zUnknownRoute')
  const names = (mock: typeof app.timer) => mock.mock.calls.map(([name]) => name as string)
  const aliases = new Map([...routes].filter(([name]) => name.startsWith('alias')))
  for (const name of aliases.keys()) routes.delete(name)
  return { routes, aliases, unknown, timers: names(app.timer), queues: names(app.serviceBusQueue) }
}

describe('roles', () => {
  const everywhere = ['apiPage', 'health', 'metrics', 'openApi']
  const catalogue = ['catalogueMetrics', 'getPicture', 'getProduct', 'getProductByOldRoute', 'listProducts']

  test('a store sells and lets customers follow their orders; nothing in it is for employees', async () => {
    const { routes, timers, queues } = await register({ ROLES: 'store' })
    expect([...routes.keys()]).toEqual(
      expect.arrayContaining([...everywhere, ...catalogue, 'placeOrder', 'trackOrder']),
    )
    const ofEmployees = operations.filter(({ admin }) => admin).map(({ name }) => name)
    // The metrics are everywhere; here for whoever has their token, and for no employee.
    expect(ofEmployees.filter((name) => routes.has(name))).toEqual(['metrics'])
    expect([timers, queues]).toEqual([[], []])
  })

  test("an admin has the employees' routes and takes no orders", async () => {
    const { routes, timers, queues } = await register({ ROLES: 'admin' })
    const ofEmployees = operations.filter(({ admin }) => admin).map(({ name }) => name)
    expect([...routes.keys()]).toEqual(expect.arrayContaining([...everywhere, ...catalogue, ...ofEmployees]))
    expect(routes.has('placeOrder')).toBe(false)
    expect([timers, queues]).toEqual([[], []])
  })

  test.each(['store', 'makeline'])('models that are set up by half stop a %s, too', async (ROLES) => {
    await expect(register({ ROLES, USE_AZURE_OPENAI: 'true' })).rejects.toThrow(
      /AZURE_OPENAI_ENDPOINT: .*for example/,
    )
  })

  test('a misspelt variable of OpenTelemetry, by which nothing is exported, is told of', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    await register({ ROLES: 'store', OTEL_EXPORTER_OLTP_ENDPOINT: 'http://localhost:4318' })
    expect(warn.mock.calls.join()).toContain('OTEL_EXPORTER_OLTP_ENDPOINT')
    warn.mockRestore()
  })

  test('a makeline has triggers and no route but those of every app', async () => {
    const { routes, timers, queues } = await register({ ROLES: 'makeline' })
    expect([...routes.keys()].sort()).toEqual(everywhere)
    expect(queues).toContain('makeOrders')
    expect(timers).toContain('republishOrders')
  })

  test('messages are asked for as bytes: Azure fails a batch, or drops bodies of it, where it shall read them', async () => {
    await register({ ROLES: 'makeline' })
    const asked = app.serviceBusQueue.mock.calls.map(([name, options]) => [name, options.dataType])
    expect(asked).toEqual([
      ['makeOrders', 'binary'],
      ['collectDeadLetters', 'binary'],
    ])
  })

  test('a simulation has the timers that have a rate, and is off without one', async () => {
    const off = await register({ ROLES: 'simulation' })
    expect([off.timers, off.queues]).toEqual([[], []])
    const { routes, timers, queues } = await register({
      ROLES: 'simulation',
      ORDERS_PER_HOUR: '60',
      VIRTUAL_WORKER_ORDERS_PER_HOUR: '0',
    })
    expect([timers, queues]).toEqual([['virtualCustomer'], ['simulate']])
    expect([...routes.keys()].sort()).toEqual(everywhere)
  })

  test('no function is registered twice, and all roles together are the whole table', async () => {
    const { routes, aliases } = await register({})
    expect(app.http).toHaveBeenCalledTimes(routes.size + aliases.size + 1)
  })
})

test('what no route takes is told in a problem document, and takes nothing from any other route', async () => {
  for (const ROLES of ['store', 'admin', 'makeline', 'simulation']) {
    const { routes, unknown } = await register({ ROLES })
    if (!unknown) throw new Error('not registered')
    const answer = await invoke(unknown.handler, 'DELETE', {})
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    expect(await answer.json()).toMatchObject({ detail: 'There is no DELETE /api/x here.' })
    expect([...routes.keys(), 'zUnknownRoute'].sort().at(-1)).toBe('zUnknownRoute')
  }
})

test('the table of operations is what the app registers', async () => {
  const { routes } = await register({})
  const registered = [...routes].map(([name, { methods, route }]) => ({ name, method: methods?.[0], route }))
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
  expect(operations.map(({ name, method, route }) => ({ name, method, route })).sort(byName)).toEqual(
    registered.sort(byName),
  )
})

describe("the demo's further routes", () => {
  test('are other names of operations, on the instances that have them', async () => {
    const all = await register({})
    expect([...all.aliases.keys()].sort()).toEqual(aliases.map(({ name }) => name).sort())
    for (const { name, method, route, of } of aliases) {
      const alias = all.aliases.get(name)
      expect([alias?.methods?.[0], alias?.route, alias?.handler], name).toEqual([
        method,
        route,
        all.routes.get(of)?.handler,
      ])
    }
    vi.clearAllMocks()
    const store = await register({ ROLES: 'store' })
    expect([...store.aliases.keys()].filter((name) => !/Health$/.test(name))).toEqual(['aliasPlaceOrder'])
  })

  // Of two routes that both match, Azure takes the one whose function comes first by name.
  test('come before those that have a parameter in the place of their name', async () => {
    const { routes } = await register({})
    for (const alias of aliases) {
      for (const [name, { methods, route = '' }] of routes) {
        const pattern = new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]+')}$`)
        if (methods?.includes(alias.method) && pattern.test(alias.route))
          expect(alias.name.localeCompare(name), `${alias.name} before ${name}`).toBeLessThan(0)
      }
    }
  })

  test('ask for the same sign-in', async () => {
    const { aliases: registered } = await register({})
    for (const { name, method, of } of aliases) {
      const handler = registered.get(name)?.handler
      if (!handler || !operations.find((operation) => operation.name === of)?.admin) continue
      const answer = await invoke(handler, method, { headers: { 'x-ms-client-principal': '' } })
      expect(answer.status, name).toBe(401)
    }
  })
})

test('an operation for employees answers 401 to a stranger, before it looks at anything else', async () => {
  const { routes } = await register({})
  for (const { name, admin, method } of operations) {
    if (!admin) continue
    const handler = routes.get(name)?.handler
    if (!handler) throw new Error(`${name} is not registered`)
    const response = await invoke(handler, method, { headers: { 'x-ms-client-principal': '' } })
    expect(response.status, name).toBe(401)
    expect(response.headers.get('www-authenticate'), name).toBe('Bearer')
  }
})

describe('whatever changes something', () => {
  const changing = operations.filter(({ method }) => method !== 'GET')
  const forms = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
  const own = { host: 'shop.example' }

  test.each(changing.map(({ name, method }) => [name, method] as const))(
    '%s: not for the page of another site, nor in the way of its forms',
    async (name, method) => {
      const { routes } = await register({})
      const handler = routes.get(name)?.handler
      if (!handler) throw new Error(`${name} is not registered`)
      const ask = (headers: Record<string, string>) =>
        invoke(handler, method, { headers: { ...own, ...headers } })
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site', origin: 'https://other.example' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        expect((await ask(headers)).status, JSON.stringify(headers)).toBe(403)
      }
      for (const type of forms) expect((await ask({ 'content-type': type })).status, type).toBe(415)
    },
  )

  test('a picture says that it is one, since any page can send bytes without a type', async () => {
    const { routes } = await register({})
    const handler = routes.get('uploadPicture')?.handler
    if (!handler) throw new Error('not registered')
    expect((await invoke(handler, 'POST', { body: new Uint8Array(8) })).status).toBe(415)
  })
})

test('HEAD is answered wherever GET is, and nowhere else', async () => {
  const { routes } = await register({})
  for (const [name, { methods }] of routes) {
    expect(methods?.includes('HEAD'), name).toBe(methods?.includes('GET'))
  }
})

describe('the OpenAPI document', () => {
  const read = async (env: Record<string, string>) => {
    const { routes } = await register(env)
    const handlers = { json: routes.get('openApi')?.handler, page: routes.get('apiPage')?.handler }
    if (!handlers.json || !handlers.page) throw new Error('not registered')
    return {
      document: (await (await invoke(handlers.json, 'GET')).json()) as OpenApi,
      page: await invoke(handlers.page, 'GET'),
      registered: [...routes.keys()].sort(),
    }
  }

  test('is valid, and has every operation of the instance and no other', async () => {
    for (const ROLES of ['store', 'admin', 'store,admin']) {
      const { document, registered } = await read({ ROLES })
      expect((await new Validator().validate(document as never)).errors, ROLES).toBeUndefined()
      const ids = Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).map(({ operationId }) => operationId),
      )
      expect(ids.sort()).toEqual(registered)
      vi.clearAllMocks()
    }
  })

  test('says what a product is, what creating one takes and that it needs a sign-in', async () => {
    const { document } = await read({})
    expect(document.components.schemas.Product).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['id', 'name', 'price']),
      properties: { price: { type: 'number', minimum: 0 } },
    })
    expect(document.paths['/product']?.post).toMatchObject({
      security: [{ signedIn: [] }],
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/NewProduct' } } },
      },
    })
    expect(document.paths['/products']?.get?.security).toBeUndefined()
  })

  test('can be read as a page that loads nothing from elsewhere', async () => {
    const { document, page } = await read({})
    const html = await page.text()
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    for (const path of Object.keys(document.paths)) expect(html).toContain(`/api${path}`)
    expect(html).not.toMatch(/<script|src=|@import|https?:\/\//)
  })
})
