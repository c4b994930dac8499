import { Item, Items } from '@azure/cosmos'
import type { Problem, Product } from '@store/contract'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { type Call, invoke, startBackingServices } from '../../tests/invoke.ts'

let cloud: LocalCloud
let app: typeof import('./products.functions.ts') & typeof import('./pictures.functions.ts')
let database: import('@azure/cosmos').Container

beforeAll(async () => {
  cloud = await startBackingServices()
  app = { ...(await import('./products.functions.ts')), ...(await import('./pictures.functions.ts')) }
  database = await (await import('../platform/cosmos.ts')).container('products')
}, 60_000)
afterAll(() => cloud?.stop())
afterEach(() => vi.restoreAllMocks())

const draft = { name: 'Anchor', price: 4.5, description: 'Heavy.', image: '/images/anchor.svg' }
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const list = (call: Call = {}) => invoke(app.listProducts, 'GET', call)
const names = async (query: Record<string, string>) =>
  ((await (await list({ query })).json()) as Product[]).map(({ name }) => name)
const count = async () => ((await (await list()).json()) as Product[]).length
const read = (id: number, call: Call = {}) =>
  invoke(app.getProduct, 'GET', { ...call, params: { id: String(id) } })
async function create(product: object = draft) {
  const response = await invoke(app.createProduct, 'POST', { body: product })
  expect(response.status).toBe(200)
  return (await response.json()) as Product
}
const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return response.json() as Promise<Problem>
}

describe('the catalogue', () => {
  test('opens with ten products, as a bare array in the order of their numbers', async () => {
    const products = (await (await list()).json()) as Product[]
    expect(products.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(products[0]).toMatchObject({ name: "Contoso Catnip's Friend", price: 9.99 })
  })

  test('has a version: nothing is sent again until something changes', async () => {
    const etag = (await list()).headers.get('etag') ?? ''
    expect((await list({ headers: { 'if-none-match': etag } })).status).toBe(304)
    const { id } = await create()
    const changed = await list({ headers: { 'if-none-match': etag } })
    expect(changed.status).toBe(200)
    expect(await changed.json()).toContainEqual({ id, ...draft })
  })

  test('counts itself for Prometheus', async () => {
    const response = await invoke(app.catalogueMetrics, 'GET')
    expect(response.headers.get('content-type')).toContain('version=0.0.4')
    expect(await response.text()).toContain(
      `# TYPE total_product_count gauge\ntotal_product_count ${await count()}\n`,
    )
  })
})

describe('editing', () => {
  test('gives the next number, whatever id the client sends, and never gives one twice', async () => {
    const first = await create({ ...draft, id: 1 })
    expect((await invoke(app.deleteProduct, 'DELETE', { params: { id: String(first.id) } })).status).toBe(200)
    expect((await create()).id).toBe(first.id + 1)
    expect((await read(first.id)).status).toBe(404)
  })

  test('twenty at once get twenty numbers', async () => {
    const created = await Promise.all(Array.from({ length: 20 }, () => create()))
    expect(new Set(created.map(({ id }) => id)).size).toBe(20)
  })

  test('another instance that changes the catalogue in the same moment is not overwritten', async () => {
    const head = database.item('catalogue', 'contoso')
    const { resource } = await head.read()
    const before = resource.last
    const creating = create()
    await head.patch([{ op: 'incr', path: '/last', value: 5 }])
    const { id } = await creating
    expect([before + 1, before + 6]).toContain(id)
    expect((await head.read()).resource.last).toBe(before + 6)
  })

  test('changes a product only as long as it is what was read', async () => {
    const product = await create()
    const etag = (await read(product.id)).headers.get('etag') ?? ''
    const put = (price: number, match: string) =>
      invoke(app.updateProduct, 'PUT', { body: { ...product, price }, headers: { 'if-match': match } })

    const saved = await put(5, etag)
    expect([saved.status, await saved.json()]).toEqual([200, { ...product, price: 5 }])
    const late = await put(6, etag)
    expect(late.status).toBe(412)
    expect(await problemOf(late)).toMatchObject({ status: 412 })
    expect(await (await read(product.id)).json()).toMatchObject({ price: 5 })
    expect((await put(7, saved.headers.get('etag') ?? '')).status).toBe(200)

    const remove = (match: string) =>
      invoke(app.deleteProduct, 'DELETE', {
        params: { id: String(product.id) },
        headers: { 'if-match': match },
      })
    expect((await remove(etag)).status).toBe(412)
    const removed = await remove('*')
    expect([removed.status, await removed.text()]).toEqual([200, ''])
  })

  test('says 404 of a product that there is not', async () => {
    expect((await invoke(app.updateProduct, 'PUT', { body: { id: 99_999, ...draft } })).status).toBe(404)
    expect((await invoke(app.deleteProduct, 'DELETE', { params: { id: '99999' } })).status).toBe(404)
    for (const id of ['0', '-1', '1.0', '1e0', ' 1', '01', 'x', '99999999999999999999', '__proto__']) {
      expect((await invoke(app.getProduct, 'GET', { params: { id } })).status, id).toBe(404)
    }
  })

  // The demo's admin sends what `parseFloat` makes of its field, and then shows the page of the `id` that is answered.
  test('rounds a price to what the currency has, half up', async () => {
    const created = await create({ ...draft, price: 1.005 })
    expect(created.price).toBe(1.01)
    const put = await invoke(app.updateProduct, 'PUT', { body: { ...created, price: 9.994 } })
    expect([put.status, await put.json()]).toEqual([200, { ...created, price: 9.99 }])
    expect(await (await read(created.id)).json()).toMatchObject({ price: 9.99 })
  })

  test.each([
    [{ ...draft, name: '  ' }, '/name'],
    [{ ...draft, name: 'x'.repeat(201) }, '/name'],
    [{ ...draft, name: '\u0000' }, '/name'],
    [{ ...draft, description: '\ud800' }, '/description'],
    [{ ...draft, price: -0.01 }, '/price'],
    [{ ...draft, price: 0.001 }, '/price'],
    [{ ...draft, price: '1' }, '/price'],
    [{ ...draft, image: '' }, '/image'],
    [{ ...draft, image: 'javascript:alert(1)' }, '/image'],
    [{ ...draft, image: 'data:image/svg+xml;base64,PHN2Zy8+' }, '/image'],
    [{ ...draft, image: 'data:text/html,hi' }, '/image'],
  ])('refuses %j and names the field', async (body, pointer) => {
    const before = await count()
    const response = await invoke(app.createProduct, 'POST', { body })
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({ errors: [{ pointer }] })
    expect(await count()).toBe(before)
  })
})

describe('in yen, which have no decimals', () => {
  test('a price is a whole number wherever one is said', async () => {
    const { config } = await import('../platform/config.ts')
    const dollars = config().currency
    config().currency = { code: 'JPY', decimals: 0 }
    try {
      const yen = await create({ ...draft, price: 1200 })
      for (const answer of [
        await invoke(app.createProduct, 'POST', { body: { ...draft, price: 9.99 } }),
        await invoke(app.updateProduct, 'PUT', { body: { ...yen, price: 9.99 } }),
      ])
        expect(await answer.json()).toMatchObject({ price: 10 })
      const gift = await invoke(app.createProduct, 'POST', { body: { ...draft, price: 0.4 } })
      expect((await problemOf(gift)).errors).toEqual([
        { pointer: '/price', detail: 'must be a whole number' },
      ])
      const body = [draft, { ...draft, price: 0.5 }].map((one, at) => (at ? one : { ...one, price: 4 }))
      expect((await problemOf(await invoke(app.importProducts, 'POST', { body }))).errors?.[0]?.pointer).toBe(
        '/1/price',
      )
    } finally {
      config().currency = dollars
    }
  })
})

describe('finding', () => {
  const sailor = { ...draft, name: 'Crème Brûlée Boat', description: 'For the café.', price: 100 }

  test('searches name and description, without regard to case and accents', async () => {
    const { id } = await create(sailor)
    for (const search of ['CREME', 'brulee cafe', 'cafe boat', 'crème']) {
      expect(await names({ search }), search).toEqual([sailor.name])
    }
    expect(await names({ search: 'creme submarine' })).toEqual([])
    for (const apostrophe of ["'", '’', '‘', 'ʼ', '＇'])
      expect(await names({ search: `sailor${apostrophe}s grin` })).toEqual(["Contoso Catnip's Friend"])
    await invoke(app.deleteProduct, 'DELETE', { params: { id: String(id) } })
    expect(await names({ search: 'creme' })).toEqual([])
  })

  test('filters by price and sorts', async () => {
    expect(await names({ minPrice: '11.99', maxPrice: '14.99', sort: '-price' })).toEqual([
      "Seafarer's Tug Rope",
      "Mermaid's Mice Trio",
      "Ocean Explorer's Puzzle Ball",
    ])
    const sorted = await names({ sort: 'name' })
    expect(sorted).toEqual([...sorted].sort((a, b) => a.localeCompare(b, 'en')))
  })

  test.each(['id', '-id', 'name', '-price'])('pages sorted by %s hold every product once', async (sort) => {
    const seen: number[] = []
    let continuation: string | null = ''
    while (continuation !== null) {
      const query: Record<string, string> = { sort, limit: '3', ...(continuation ? { continuation } : {}) }
      const response = await list({ query })
      seen.push(...((await response.json()) as Product[]).map(({ id }) => id))
      continuation = response.headers.get('x-continuation')
    }
    const whole = (await (await list({ query: { sort } })).json()) as Product[]
    expect(seen).toEqual(whole.map(({ id }) => id))
  })

  test.each([
    { limit: '0' },
    { limit: 'x' },
    { limit: '1001' },
    { minPrice: 'NaN' },
    { minPrice: '-1' },
    { sort: 'constructor' },
    { search: 'x'.repeat(201) },
    { continuation: 'bm9uZQ' },
    { continuation: Buffer.from('["-id",1,"a",1]').toString('base64url') },
  ] as Record<string, string>[])('refuses %j', async (query) => {
    const response = await list({ query })
    expect(response.status).toBe(400)
    expect(await problemOf(response)).toMatchObject({ errors: [{ pointer: `/${Object.keys(query)[0]}` }] })
  })
})

describe('importing', () => {
  const many = (length: number) => Array.from({ length }, (_, n) => ({ ...draft, name: `Import ${n}` }))
  const importing = (body: unknown) => invoke(app.importProducts, 'POST', { body })

  test.each([0, 1, 99, 100, 1_000])('stores %i products under numbers in a row', async (length) => {
    const before = await count()
    const response = await importing(many(length))
    expect(response.status).toBe(200)
    const created = (await response.json()) as Product[]
    expect(created.map(({ name }) => name)).toEqual(many(length).map(({ name }) => name))
    expect(created.every(({ id }, n) => id === (created[0]?.id ?? 0) + n)).toBe(true)
    expect(await count()).toBe(before + length)
  })

  test('one invalid product rejects them all', async () => {
    const before = await count()
    for (const wrong of [{ ...draft, price: -1 }, { ...draft, image: 'data:image/png;base64,AAAA' }, 'x']) {
      const response = await importing([...many(300), wrong])
      expect(response.status).toBe(400)
      const { errors } = await problemOf(response)
      expect(errors?.[0]?.pointer).toMatch(/^\/300/)
    }
    expect((await importing(many(1_001))).status).toBe(400)
    expect(await count()).toBe(before)
  })

  test('one that broke off is never seen, and the next one removes what it left', async () => {
    const before = await count()
    const { resource: head } = await database.item('catalogue', 'contoso').read()
    const at = new Date(Date.now() - 600_000).toISOString()
    await database.items.upsert({
      ...head,
      last: head.last + 2,
      imports: [{ id: 'broken', at }],
    })
    const left = { ...draft, id: String(head.last + 1), storeId: 'contoso', import: 'broken' }
    await database.items.create(left)
    expect(await count()).toBe(before)
    expect((await read(head.last + 1)).status).toBe(404)

    const [created] = (await (await importing(many(1))).json()) as Product[]
    expect(created?.id).toBe(head.last + 3)
    expect(await count()).toBe(before + 1)
    expect((await database.item(left.id, 'contoso').read()).statusCode).toBe(404)
    expect((await database.item('catalogue', 'contoso').read()).resource.imports).toEqual([])
  })
})

describe('an import that others take for broken', () => {
  const stale = () => new Date(Date.now() - 600_000).toISOString()
  const head = () => database.item('catalogue', 'contoso')

  /** An import of one product, which nobody sees yet. */
  async function begin(id: string, at: string) {
    const { resource } = await head().read()
    await database.items.upsert({ ...resource, last: resource.last + 1, imports: [{ id, at }] })
    await database.items.create({
      ...draft,
      name: id,
      id: String(resource.last + 1),
      storeId: 'contoso',
      import: id,
    })
  }

  /** Does something right after the app has read the catalogue's head for the first time. */
  function afterFirstLook(act: () => Promise<unknown>) {
    let isDone = false
    const original = Item.prototype.read
    vi.spyOn(Item.prototype, 'read').mockImplementation(async function (this: Item, ...options) {
      const answer = await original.apply(this, options as [])
      if (this.id === 'catalogue' && !isDone) {
        isDone = true
        await act()
      }
      return answer
    } as typeof original)
  }

  const importOne = () => invoke(app.importProducts, 'POST', { body: [{ ...draft, name: 'Other' }] })

  test('and that finishes at that moment keeps its products', async () => {
    await begin('finishes', stale())
    afterFirstLook(async () => {
      const { resource } = await head().read()
      await database.items.upsert({ ...resource, imports: [] })
    })
    expect((await importOne()).status).toBe(200)
    expect(await names({ search: 'finishes' })).toEqual(['finishes'])
  })

  test('and that shows life at that moment goes on', async () => {
    await begin('lives', stale())
    const alive = { id: 'lives', at: new Date().toISOString() }
    afterFirstLook(async () => {
      const { resource } = await head().read()
      await database.items.upsert({ ...resource, imports: [alive] })
    })
    expect((await importOne()).status).toBe(200)
    const { resource } = await head().read()
    expect(resource.imports).toEqual([alive])
    await database.items.upsert({ ...resource, imports: [] })
    expect(await names({ search: 'lives' })).toEqual(['lives'])
  })

  test('four minutes after its last sign of life is left alone', async () => {
    await begin('slow', new Date(Date.now() - 240_000).toISOString())
    expect((await importOne()).status).toBe(200)
    const { resource } = await head().read()
    expect(resource.imports).toMatchObject([{ id: 'slow' }])
    await database.items.upsert({ ...resource, imports: [] })
    expect(await names({ search: 'slow' })).toContain('slow')
  })
})

describe('when the database fails at the catalogue', () => {
  const body = Array.from({ length: 250 }, (_, n) => ({ ...draft, name: `Stormy ${n}` }))
  const importing = () => invoke(app.importProducts, 'POST', { body })
  const lost = () => Object.assign(new Error('lost'), { code: 503 })

  /** Lets something happen to the batch of that number, from 1. */
  function atBatch(number: number, act: (write: () => Promise<unknown>) => Promise<unknown>) {
    let count = 0
    const original = Items.prototype.batch
    vi.spyOn(Items.prototype, 'batch').mockImplementation(function (this: Items, ...args: never[]) {
      const write = () => original.apply(this, args as never)
      return ++count === number ? act(write) : write()
    } as never)
  }

  // The first enters the import, three store its products, the fifth finishes it.
  test.each([1, 2, 3, 4, 5])(
    'in write %i of an import, nothing is stored and nothing is left',
    async (number) => {
      const before = await count()
      atBatch(number, async () => {
        throw lost()
      })
      const answer = await importing()
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await count()).toBe(before)
      expect((await database.item('catalogue', 'contoso').read()).resource.imports).toEqual([])
      const left = "SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.import) AND STARTSWITH(c.name, 'Stormy')"
      expect((await database.items.query(left).fetchAll()).resources).toEqual([])
    },
  )

  test('so that the answer to the last write is lost, the import is told as what it is: complete', async () => {
    const before = await count()
    atBatch(5, async (write) => {
      await write()
      throw lost()
    })
    const answer = await importing()
    expect([answer.status, ((await answer.json()) as Product[]).length]).toEqual([200, 250])
    expect(await count()).toBe(before + 250)
  })

  test('nor is one that fits one write told as failed when it is stored: whoever tried again would have all of it twice', async () => {
    const before = await count()
    const few = body.slice(0, 3)
    atBatch(1, async (write) => {
      await write()
      throw lost()
    })
    const answer = await invoke(app.importProducts, 'POST', { body: few })
    const told = (await answer.json()) as Product[]
    expect([answer.status, told.map(({ name }) => name)]).toEqual([200, few.map(({ name }) => name)])
    expect(await count()).toBe(before + 3)
    for (const { id, name } of told)
      expect((await database.item(String(id), 'contoso').read()).resource.name).toBe(name)
  })

  test('and one of one write that was not stored is told as that', async () => {
    const before = await count()
    atBatch(1, async () => {
      throw lost()
    })
    expect((await invoke(app.importProducts, 'POST', { body: body.slice(0, 3) })).status).toBe(503)
    expect(await count()).toBe(before)
  })

  test('and an import that others gave up meanwhile stores nothing and says so', async () => {
    const before = await count()
    atBatch(3, async (write) => {
      const head = database.item('catalogue', 'contoso')
      const { resource } = await head.read()
      const imports = resource.imports.map((entry: object) => ({ ...entry, givenUp: true }))
      await database.items.upsert({ ...resource, imports })
      return write()
    })
    expect((await importing()).status).toBe(409)
    expect(await count()).toBe(before)
  })

  test('a writer that others are always faster than gives up after a while, and stores nothing', async () => {
    const before = await count()
    // Its waits are random; here none of them takes time.
    vi.spyOn(Math, 'random').mockReturnValue(0)
    vi.spyOn(Items.prototype, 'batch').mockResolvedValue({ result: [{ statusCode: 412 }] } as never)
    const answer = await invoke(app.createProduct, 'POST', { body: draft })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    vi.restoreAllMocks()
    expect(await count()).toBe(before)
  })
})

test('nobody ever sees a part of an import, before and after each of its writes, and who creates products meanwhile gets other numbers', async () => {
  const body = Array.from({ length: 400 }, (_, n) => ({ ...draft, name: `Whole ${n}` }))
  const looks: Promise<string[]>[] = []
  const creating: Promise<Product>[] = []
  const look = () => looks.push(names({ search: 'whole' }))
  const original = Items.prototype.batch
  const batch = vi.spyOn(Items.prototype, 'batch').mockImplementation(async function (
    this: Items,
    ...args: never[]
  ) {
    // Not waited for: what one instance does to its catalogue stands in a queue.
    if (creating.length < 6) creating.push(create())
    look()
    const answer = await original.apply(this, args as never)
    look()
    return answer
  } as never)
  const importing = await invoke(app.importProducts, 'POST', { body })
  const created = await Promise.all(creating)
  const seen = (await Promise.all(looks)).map(({ length }) => length)
  batch.mockRestore()

  const imported = (await importing.json()) as Product[]
  expect(created).toHaveLength(6)
  // Beside those that create a product: five that store products, and one each that begins and ends the import.
  expect(seen.length).toBeGreaterThanOrEqual(2 * (6 + 7))
  expect([...new Set(seen)]).toEqual([0, 400])
  expect(await names({ search: 'whole' })).toHaveLength(400)
  expect(new Set([...imported, ...created].map(({ id }) => id)).size).toBe(406)
})

describe('pictures', () => {
  test('are stored by what they are and served so that a browser keeps them', async () => {
    const upload = await invoke(app.uploadPicture, 'POST', {
      body: png,
      headers: { 'content-type': 'image/svg+xml' },
    })
    expect(upload.status).toBe(201)
    const { image } = (await upload.json()) as { image: string }
    expect(image).toMatch(/^\/api\/products\/images\/[0-9a-f]{64}\.png$/)
    expect(upload.headers.get('location')).toBe(image)

    const name = image.split('/').pop() ?? ''
    const served = await invoke(app.getPicture, 'GET', { params: { name } })
    expect(Buffer.from(await served.arrayBuffer())).toEqual(png)
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
    const again = await invoke(app.getPicture, 'GET', {
      params: { name },
      headers: { 'if-none-match': served.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })

  test('in a product as a data URL become an address', async () => {
    const { image } = await create({ ...draft, image: `data:image/png;base64,${png.toString('base64')}` })
    expect(image).toMatch(/^\/api\/products\/images\/[0-9a-f]{64}\.png$/)
  })

  test.each([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), 415],
    ['a web page', Buffer.from('<html>'), 415],
    ['nothing', Buffer.alloc(0), 415],
    ['more than 5 MB', Buffer.concat([png, Buffer.alloc(5 * 1024 * 1024)]), 413],
  ])('refuses %s', async (_, body, status) => {
    const response = await invoke(app.uploadPicture, 'POST', {
      body,
      headers: { 'content-type': 'image/png' },
    })
    expect(response.status).toBe(status)
    await problemOf(response)
  })

  test('that there are not are not found', async () => {
    for (const name of ['x.png', `${'0'.repeat(64)}.png`, '../../secret', `${'0'.repeat(64)}.svg`, '']) {
      expect((await invoke(app.getPicture, 'GET', { params: { name } })).status, name).toBe(404)
    }
  })
})

test('changing anything needs the role admin', async () => {
  const changes = [
    app.createProduct,
    app.updateProduct,
    app.deleteProduct,
    app.importProducts,
    app.uploadPicture,
  ]
  for (const handler of changes) {
    const call = { body: draft, headers: { 'x-ms-client-principal': '' } }
    expect((await invoke(handler, 'POST', call)).status).toBe(401)
  }
})

describe('while something is away', () => {
  const expectAway = async (response: Response) => {
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(JSON.stringify(await problemOf(response))).not.toMatch(
      /ECONN|127\.0\.0\.1|localhost|Cosmos|Azurite/,
    )
  }

  test('storage: a picture is not taken, and the product it came with is not stored', async () => {
    const before = await count()
    await cloud.stopPart('blob')
    await expectAway(
      await invoke(app.uploadPicture, 'POST', { body: png, headers: { 'content-type': 'image/png' } }),
    )
    const image = `data:image/png;base64,${png.toString('base64')}`
    await expectAway(await invoke(app.createProduct, 'POST', { body: { ...draft, image } }))
    expect(await count()).toBe(before)
  })

  test('the database: every route says so', async () => {
    await cloud.stopPart('cosmos')
    await expectAway(await list())
    await expectAway(await read(1))
    await expectAway(await invoke(app.createProduct, 'POST', { body: draft }))
    await expectAway(await invoke(app.importProducts, 'POST', { body: [draft] }))
  })
})
