/**
 * Every route of the contract with every kind of bad input: the answer is always a problem document that says what is
 * wrong and nothing of the inside, and when all is over nothing was stored or queued. Good input is answered in the
 * contract's shapes.
 */
import { limits, Problem } from '@store/contract'
import { type Operation, operations } from '@store/contract/operations'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { principalHeader } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { queuedMessages, storedOrders } from '../harness/inside.ts'
import { type RawAnswer, rawRequest } from '../harness/rawRequest.ts'

let cloud: LocalCloud
let catalogueBefore: string

// No makeline: what is sent to the queue stays there to be seen.
beforeAll(async () => {
  cloud = await ownCloud({
    parts: ['host', 'service-bus', 'cosmos', 'blob', 'openai'],
    settings: { ROLES: 'store,admin', AI_CALLS_PER_MINUTE: '100000' },
  })
  catalogueBefore = (await call('listProducts')).text
})

interface Call {
  params?: Record<string, string>
  /** Follows the path as it is. */
  search?: string
  headers?: Record<string, string>
  /** Sent as JSON, but for strings and bytes, which are sent as they are. */
  body?: unknown
}

const operation = (name: string): Operation => {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`${name} is not in the contract`)
  return found
}

let callers = 0

/** Calls an operation as an employee who is signed in; each time another one, so that none calls too often. */
function call(name: string, { params = {}, search = '', headers = {}, body }: Call = {}): Promise<RawAnswer> {
  const { method, route } = operation(name)
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  return rawRequest(cloud.urls.api, {
    method,
    path: `/api/${route.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? goodId(name))}${search}`,
    headers: {
      'x-ms-client-principal': principalHeader(['admin']),
      'x-forwarded-for': `10.0.${(++callers >> 8) & 255}.${callers & 255}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
  })
}

/** An id of the right form, of a thing that does not exist. */
const goodId = (name: string) =>
  ({ id: '4242', name: `${'0'.repeat(64)}.png`, sequenceNumber: '4242' })[name] ??
  '0193577c-0000-7000-8000-000000000000'

/** The answer is a problem document of one of these statuses, and tells nothing of the inside. */
function expectProblem(answer: RawAnswer, what: string, ...statuses: number[]): Problem {
  expect(statuses, `${what}: ${answer.text.slice(0, 500)}`).toContain(answer.status)
  expect(answer.headers['content-type'], what).toBe('application/problem+json')
  const problem = Problem.parse(JSON.parse(answer.text))
  expect(problem.status, what).toBe(answer.status)
  expect(answer.text, what).not.toMatch(
    /\bat .*:\d+:\d+|node_modules|Cosmos|ZodError|functions\.cjs|undefined/,
  )
  expect(answer.headers, what).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.any(String),
  })
  return problem
}

const withBody = operations.filter(({ body }) => body)
const withJson = withBody.filter(({ body }) => body instanceof z.ZodType)

/** A body that each operation takes, of a thing that does not exist where it names one. */
const vital = {
  name: 'LCP',
  value: 812.5,
  delta: 812.5,
  id: 'v6-1800000000000-1234567890123',
  rating: 'good',
  page: '/',
}
const product = { name: 'Anchor', price: 4.5, description: 'Heavy.', image: '/images/anchor.svg' }
const goodBodies: Record<string, unknown> = {
  createProduct: product,
  updateProduct: { id: 4242, ...product },
  importProducts: [product],
  placeOrder: { customerId: 'mallory', items: [{ productId: 1, quantity: 1 }] },
  updateOrder: { orderId: goodId('orderId'), status: 1 },
  generateDescription: { name: 'Anchor', tags: ['iron'] },
  generateImage: { name: 'Anchor', description: 'Heavy.' },
  recordPage: {
    app: 'web-store',
    sentAt: 1_800_000_000_000,
    spans: [
      {
        type: 'call',
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
        page: '/order/:id',
        start: 1_800_000_000_000,
        duration: 12.5,
        method: 'GET',
        route: '/api/orders/{}',
        status: 404,
      },
    ],
    vitals: [vital],
  },
}

const anyKind = [null, [], {}, true]
const badText = (most: number) => [
  ...anyKind,
  1,
  '',
  ' \t\n',
  'x'.repeat(most + 1),
  'nul\u0000',
  'bell\u0007',
  'half \ud83d',
]
/** No pattern of a page: each may say what someone looked at. */
const badPages = [
  ...anyKind,
  1,
  '',
  'x',
  '/order/0193577c',
  '/?search=ann',
  '/cart#x',
  '//',
  'https://x.example/',
  `/${'x'.repeat(60)}`,
]
const badProductId = [...anyKind, 'one', '1', 0, -1, 1.5, 2 ** 31, 1e300]
const badProduct = {
  name: badText(limits.productName),
  description: badText(limits.productDescription),
  price: [...anyKind, '4.5', -0.01, -1, 0.001, 1e-9, limits.price + 1, 1e300],
  image: [
    ...badText(limits.productImage),
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://example.com/x.png',
    'a b.png',
    '"><script>alert(1)</script>',
    'data:,',
    'data:text/html;base64,PGh0bWw+',
    'data:image/svg+xml;base64,PHN2Zy8+',
    'data:image/png;base64,PHN2Zy8+',
    'data:image/png;base64,@@@',
  ],
}

/** Values that may not be, by JSON pointer into the good body. A missing value is tried as well. */
const badFields: Record<string, Record<string, unknown[]>> = {
  createProduct: pointers('', badProduct),
  updateProduct: { '/id': badProductId, ...pointers('', badProduct) },
  importProducts: pointers('/0', badProduct),
  placeOrder: {
    '/customerId': [
      null,
      [],
      {},
      true,
      1.5,
      '',
      '  ',
      'x'.repeat(limits.customerId + 1),
      'nul\u0000',
      'half \ud83d',
    ],
    '/items': [
      null,
      {},
      true,
      1,
      'x',
      [],
      [null],
      Array(limits.orderItems + 1).fill({ productId: 1, quantity: 1 }),
    ],
    '/items/0/productId': badProductId,
    '/items/0/quantity': [...anyKind, 'two', '2', 0, -1, 1.5, limits.quantity + 1, 1e300],
  },
  updateOrder: {
    '/orderId': [...anyKind, 1, '', 'x'.repeat(65)],
    '/status': [...anyKind, '1', 'complete', -1, 4, 0.5, 1e300],
  },
  generateDescription: {
    '/name': [...anyKind, 1, '', '  ', 'x'.repeat(limits.productName + 1)],
    '/tags': [null, {}, true, 1, 'iron', [1], [null], ['x'.repeat(101)], Array(51).fill('x')],
  },
  generateImage: {
    '/name': [...anyKind, 1, '', '  ', 'x'.repeat(limits.productName + 1)],
    '/description': [...anyKind, 1, 'x'.repeat(limits.productDescription + 1)],
    '/format': [...anyKind, 1, '', 'svg'],
  },
  recordPage: {
    '/app': [...anyKind, 1, '', 'web-other'],
    '/sentAt': [...anyKind, '1', -1, 1e300],
    '/spans': [null, {}, true, 1, 'x', [null], [{}], Array(41).fill({})],
    '/spans/0/type': [...anyKind, '', 'view'],
    '/spans/0/traceId': [...anyKind, '', 'A'.repeat(32), 'a'.repeat(31), '0'.repeat(32)],
    '/spans/0/spanId': [...anyKind, '', 'a'.repeat(32), '0'.repeat(16)],
    '/spans/0/page': badPages,
    '/spans/0/start': [...anyKind, '1', -1, 1e300],
    '/spans/0/duration': [...anyKind, '1', -1, 3_600_001],
    '/spans/0/method': [...anyKind, '', 'get', 'CONNECT'],
    '/spans/0/route': [...badPages, '/orders', '/api/orders/0193577c', `/api${'/x'.repeat(50)}`],
    '/vitals': [null, {}, true, 1, 'x', [null], [{}], Array(21).fill(vital)],
    '/vitals/0/name': [...anyKind, '', 'lcp'],
    '/vitals/0/value': [...anyKind, '1', -1, 1e300],
    '/vitals/0/delta': [...anyKind, '1', -1, 1e300],
    '/vitals/0/id': [...anyKind, '', 'ann', 'v6-1-1'],
    '/vitals/0/rating': [...anyKind, '', 'fine'],
    '/vitals/0/page': badPages,
  },
}

function pointers(prefix: string, fields: Record<string, unknown[]>) {
  return Object.fromEntries(Object.entries(fields).map(([name, values]) => [`${prefix}/${name}`, values]))
}

/** A copy of a value with another value, or none at all, at a pointer. */
function changed(value: unknown, pointer: string, replacement?: unknown): unknown {
  const copy = structuredClone(value)
  const steps = pointer.split('/').slice(1)
  const last = steps.pop() ?? ''
  let parent = copy as Record<string, unknown>
  for (const step of steps) parent = parent[step] as Record<string, unknown>
  if (replacement === undefined) delete parent[last]
  else parent[last] = replacement
  return copy
}

test('every operation that takes JSON has its bad fields here', () => {
  const names = withJson.map(({ name }) => name).sort()
  expect(Object.keys(badFields).sort()).toEqual(names)
  expect(Object.keys(goodBodies).sort()).toEqual(names)
})

describe('fields that may not be', () => {
  const optional = ['/format', '/tags']
  const cases = Object.entries(badFields).flatMap(([name, fields]) =>
    Object.entries(fields).map(([pointer, values]) => [name, pointer, values] as const),
  )
  test.each(cases)('%s %s', async (name, pointer, values) => {
    for (const value of [...values, ...(optional.includes(pointer) ? [] : [undefined])]) {
      const what = `${name} ${pointer} ${JSON.stringify(value)?.slice(0, 80)}`
      const answer = await call(name, { body: changed(goodBodies[name], pointer, value) })
      const { errors = [] } = expectProblem(answer, what, 400)
      expect(
        errors.some((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`)),
        `${what} is not named in ${answer.text}`,
      ).toBe(true)
    }
  })
})

describe('bodies that are no bodies', () => {
  test.each(withJson.map(({ name, bodyLimit }) => [name, bodyLimit]))(
    '%s',
    async (name, most = limits.body) => {
      const good = JSON.stringify(goodBodies[name])
      const depth = Math.min(100_000, most / 2)
      const bodies: [string, string | Uint8Array][] = [
        ['nothing', ''],
        ['white space', ' \n'],
        ['half of it', good.slice(0, -1)],
        ['twice', good + good],
        ['a word', 'order'],
        ['null', 'null'],
        ['a number', '7'],
        ['text', '"text"'],
        ['the wrong kind of value', Array.isArray(goodBodies[name]) ? '{}' : '[]'],
        ['a form', 'name=Anchor&price=4.5'],
        ['XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
        ['JSON with a comment', `/* */${good}`],
        ['UTF-16', Buffer.from(good, 'utf16le')],
        [
          'broken UTF-8',
          Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]),
        ],
        ['deeply nested', `${'['.repeat(depth)}${']'.repeat(depth)}`],
        ['NaN', '{"name":"Anchor","price":NaN}'],
      ]
      for (const [what, body] of bodies) expectProblem(await call(name, { body }), `${name}: ${what}`, 400)
    },
  )

  test.each(withJson.map(({ name }) => [name]))('%s as something else than JSON', async (name) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'text/json',
      ';',
      '',
    ]) {
      const answer = await call(name, { body: goodBodies[name], headers: { 'content-type': type } })
      expectProblem(answer, `${name} as "${type}"`, 415)
    }
  })

  test.each(withBody.map(({ name, bodyLimit = limits.body }) => [name, bodyLimit] as const))(
    '%s of more than %i bytes',
    async (name, limit) => {
      const type = name === 'uploadPicture' ? 'image/png' : 'application/json'
      const answer = await call(name, {
        body: Buffer.alloc(limit + 1, ' '),
        headers: { 'content-type': type },
      })
      expect(expectProblem(answer, name, 413).detail).toContain(String(limit))
    },
  )
})

describe('names that mean something to JavaScript or to the database', () => {
  const hostile =
    '"__proto__":{"admin":true},"constructor":{"prototype":{}},"toString":1,"_etag":"x","storeId":"other","import":"x"'

  test('are ignored beside the fields that count', async () => {
    const { name, ...rest } = product
    const body = `{${hostile},"name":"Hostile",${JSON.stringify(rest).slice(1)}`
    const created = await call('createProduct', { body })
    expect(created.status, created.text).toBe(200)
    const { id, ...stored } = JSON.parse(created.text) as { id: number }
    expect(stored).toEqual({ ...product, name: 'Hostile' })
    const read = await call('getProduct', { params: { id: String(id) } })
    expect(Object.keys(JSON.parse(read.text)).sort()).toEqual(['description', 'id', 'image', 'name', 'price'])
    expect((await call('deleteProduct', { params: { id: String(id) } })).status).toBe(200)
  })

  test('alone they are no body', async () => {
    for (const { name } of withJson) {
      expectProblem(await call(name, { body: `{${hostile}}` }), name, 400)
    }
  })
})

describe('ids that cannot be', () => {
  const withParameter = operations.filter(({ route }) => route.includes('{'))
  const hostile = [
    '0',
    '-1',
    '1.5',
    '1e3',
    '0x1',
    '99999999999999999999',
    'NaN',
    'null',
    '__proto__',
    'constructor',
    'catalogue',
    'counter',
    '%20',
    '%00',
    '%0d%0aSet-Cookie:%20x=y',
    '%E0%A4%A',
    '%ff',
    '%F0%9F%90%99',
    '..',
    '%2e%2e',
    '..%2f..%2fetc%2fpasswd',
    '%5c%5chost%5cshare',
    '1;drop%20table',
    "1'%20or%20'1'='1",
    '%22%7d',
    '*',
    '?x=1',
    '#',
    'x'.repeat(3_000),
    '0193577c-0000-7000-8000-000000000000',
    '0193577C-0000-7000-8000-00000000000G',
    `${'0'.repeat(64)}.svg`,
    `${'0'.repeat(63)}.png`,
  ]
  test.each(withParameter.map(({ name }) => [name]))('%s', async (name) => {
    const { route, body } = operation(name)
    const parameter = /\{(\w+)\}/.exec(route)?.[1] ?? ''
    for (const value of hostile) {
      const what = `${name} ${value.slice(0, 40)}`
      const answer = await call(name, {
        params: { [parameter]: value },
        ...(body ? { body: goodBodies[name] } : {}),
      })
      if (leadsElsewhere.includes(value)) expect(answer.status, what).toBeLessThan(500)
      else expectProblem(answer, what, 400, 404)
      expect(answer.headers['set-cookie'], what).toBeUndefined()
    }
  })

  /** `GET /api/products/?x=1` is the list, and so on; the server of the host refuses `%00` before the app is asked. */
  const leadsElsewhere = ['..', '%2e%2e', '?x=1', '#', '%00']
})

test.each([
  ['GET', '/api/nope'],
  ['DELETE', '/api/orders'],
  ['PATCH', '/api/product'],
  ['POST', '/api/products/1/../../x'],
  ['PUT', '/api/%zz'],
])('%s %s, which is no route, is told so', async (method, path) => {
  expectProblem(await rawRequest(cloud.urls.api, { method, path, headers: {} }), path, 404)
})

describe('queries that cannot be', () => {
  const page = ['0', '-1', '1.5', 'x', '', '1e9', '99999', 'NaN']
  const badQueries: Record<string, Record<string, string[]>> = {
    listProducts: {
      search: ['x'.repeat(limits.search + 1)],
      minPrice: ['-1', 'x', '', '1e3', '0x10', 'NaN', 'Infinity', '1.23456', '99999999'],
      maxPrice: ['-1', 'x', '', '1e3', '0x10', 'NaN', 'Infinity', '1.23456', '99999999'],
      sort: ['', 'x', 'constructor', '__proto__', 'price;drop', '--price'],
      limit: page,
      continuation: ['', 'x', 'bnVsbA', '%7B%7D', 'W10', 'x'.repeat(2_049)],
    },
    listOrders: {
      state: ['', 'x', 'constructor', "placed' OR 1=1 --", 'Placed'],
      customerId: ['', ' ', '%00', 'x'.repeat(limits.customerId + 1)],
      number: ['', 'x', '48219', '08219-30755', '48219-307555', '48219-3075x', '%00'],
      from: ['x', '', '2026-13-01T00:00:00Z', '2026-01-01', '0'],
      to: ['x', '', '2026-13-01T00:00:00Z', '2026-01-01', '0'],
      limit: page,
      continuation: ['x', 'bnVsbA', '%7B%7D', 'W10', 'x'.repeat(8_193)],
    },
    getSummary: {
      from: ['x', '', '2026-13-01T00:00:00Z', '2026-01-01', '0', '1990-01-01T00:00:00Z'],
      to: ['x', '', '2026-13-01T00:00:00Z', '2026-01-01', '0'],
    },
  }

  test('every operation with a query is here, with every parameter', () => {
    const inContract = operations
      .filter(({ query }) => query)
      .map(({ name, query }) => [name, Object.keys(query?.shape ?? {}).sort()])
    const here = Object.entries(badQueries).map(([name, query]) => [name, Object.keys(query).sort()])
    expect(here.sort()).toEqual(inContract.sort())
  })

  const cases = Object.entries(badQueries).flatMap(([name, query]) =>
    Object.entries(query).map(([parameter, values]) => [name, parameter, values] as const),
  )
  test.each(cases)('%s?%s', async (name, parameter, values) => {
    for (const value of values) {
      const what = `${name}?${parameter}=${value.slice(0, 40)}`
      const answer = await call(name, { search: `?${parameter}=${value.replaceAll(' ', '+')}` })
      const { errors = [] } = expectProblem(answer, what, 400)
      expect(
        errors.map((error) => error.pointer),
        what,
      ).toContain(`/${parameter}`)
    }
  })

  test('parameters that mean nothing are ignored', async () => {
    const search = '?__proto__=x&constructor=1&callback=alert(1)&%ff=%ff&sort=id'
    expect((await call('listProducts', { search })).status).toBe(200)
    expect((await call('listOrders', { search: '?__proto__=x' })).status).toBe(200)
  })
})

describe('headers that cannot be', () => {
  test('an idempotency key that is none', async () => {
    for (const key of ['', 'x'.repeat(limits.idempotencyKey + 1), 'two words', 'caf\u00e9']) {
      const answer = await call('placeOrder', {
        body: goodBodies.placeOrder,
        headers: { 'idempotency-key': key },
      })
      expectProblem(answer, `idempotency key ${key.slice(0, 20)}`, 400)
    }
  })

  test('conditions that are none do no harm', async () => {
    for (const condition of ['', '"', 'W/', '",",', '\u00ff', '*,'.repeat(2_000)]) {
      const headers = { 'if-none-match': condition, 'if-match': condition, traceparent: condition }
      expect([200, 304]).toContain((await call('listProducts', { headers })).status)
      const put = await call('updateProduct', { body: { id: 1, ...product }, headers })
      if (put.status !== 200) expectProblem(put, `if-match ${condition.slice(0, 20)}`, 412)
    }
    const [first] = JSON.parse(catalogueBefore) as { id: number }[]
    expect((await call('updateProduct', { body: first })).status).toBe(200)
  })

  test('a principal that is none is nobody', async () => {
    for (const header of [
      '',
      'x',
      '{}',
      Buffer.from('null').toString('base64'),
      Buffer.from('{"userRoles":["admin"]}').toString('base64'),
    ]) {
      for (const { name, admin } of operations.filter(({ admin }) => admin)) {
        const answer = await call(name, { headers: { 'x-ms-client-principal': header } })
        expectProblem(answer, `${name} ${admin} ${header}`, 401)
      }
    }
  })
})

test('a picture that is none is refused, whatever it calls itself', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  for (const body of ['', 'x', svg, '<html>', 'GIF87', 'RIFF....WEBM', '\u0089PNG']) {
    const answer = await call('uploadPicture', { body, headers: { 'content-type': 'image/png' } })
    expectProblem(answer, `picture ${body.slice(0, 10)}`, 415)
  }
})

test('of all this nothing was stored, queued or changed', async () => {
  expect((await call('listProducts')).text).toBe(catalogueBefore)
  expect(await storedOrders(cloud.settings)).toEqual([])
  expect(await queuedMessages(cloud.settings)).toEqual([])
  expect(await queuedMessages(cloud.settings, 'deadLetter')).toEqual([])
})

test('good input is answered in the shapes of the contract, by every operation', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const checked = new Map<string, unknown>()

  /** Calls an operation, holds the answer against the contract, and answers its value. */
  async function good(name: string, request: Call = {}): Promise<Record<string, string>> {
    const answer = await call(name, request)
    const { answers } = operation(name)
    expect(Object.keys(answers), `${name}: ${answer.text}`).toContain(String(answer.status))
    const content = answers[answer.status]
    if (content instanceof z.ZodType) {
      expect(answer.headers['content-type'], name).toMatch(/^application\/json/)
      const value: unknown = JSON.parse(answer.text)
      expect(content.safeParse(value).error?.issues, `${name}: ${answer.text}`).toBeUndefined()
      checked.set(name, value)
      return value as Record<string, string>
    }
    if (content)
      expect(content.mediaTypes.some((type) => answer.headers['content-type']?.startsWith(type))).toBe(true)
    else expect(answer.text, name).toBe('')
    checked.set(name, answer.text)
    return {}
  }

  for (const name of [
    'health',
    'metrics',
    'openApi',
    'apiPage',
    'listProducts',
    'catalogueMetrics',
    'aiHealth',
    'aiCapabilities',
  ]) {
    await good(name)
  }
  const { image = '' } = await good('uploadPicture', { body: png, headers: { 'content-type': 'image/png' } })
  await good('getPicture', { params: { name: image.split('/').pop() ?? '' } })
  const served = await fetch(new URL(image, cloud.urls.api))
  expect(served.headers.get('content-type')).toBe('image/png')
  expect(Buffer.from(await served.arrayBuffer())).toEqual(png)
  const created = await good('createProduct', { body: { ...product, image } })
  const id = String(created.id)
  await good('getProduct', { params: { id } })
  await good('getProductByOldRoute', { params: { id } })
  await good('updateProduct', { body: { ...created, price: 5 } })
  await good('importProducts', { body: [product, product] })
  const { orderId = '' } = await good('placeOrder', {
    body: { customerId: 42, items: [{ productId: Number(id), quantity: 2, price: 0.01 }] },
    headers: { 'idempotency-key': 'a' },
  })
  expect(checked.get('placeOrder')).toMatchObject({ customerId: '42', total: 10, status: 0 })
  await good('trackOrder', { params: { orderId } })
  await good('getOrder', { params: { orderId } })
  await good('listOrders', { search: '?state=placed&limit=1' })
  await good('fetchOrders')
  await good('cancelOrder', { params: { orderId } })
  await good('updateOrder', { body: { ...(checked.get('trackOrder') as object), status: 3 } })
  await good('deleteProduct', { params: { id } })
  await good('getTuningDataset')
  await good('getQueueDepth')
  await good('listDeadLetters')
  await good('getSummary')
  await good('rebuildAnalytics')
  await good('generateDescription', { body: goodBodies.generateDescription })
  await good('generateImage', { body: goodBodies.generateImage })
  await good('recordPage', { body: goodBodies.recordPage })

  const left = operations.map(({ name }) => name).filter((name) => !checked.has(name))
  // These need a dead letter, which the makeline's own tests make.
  expect(left.sort()).toEqual(['discardDeadLetter', 'getDeadLetter', 'resubmitDeadLetter'])
})
