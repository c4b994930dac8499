/** The OpenAPI document of some operations, and its page. That all of it is valid OpenAPI is held by functions/index.test.ts. */
import { operations } from '@store/contract/operations'
import { describe, expect, test } from 'vitest'
import { openApi } from './openApi.ts'
import { openApiPage } from './openApiPage.ts'

const some = openApi(
  new Set([
    'getProduct',
    'updateProduct',
    'deleteProduct',
    'placeOrder',
    'listProducts',
    'getPicture',
    'uploadPicture',
  ]),
  '2.0.0',
)

describe('the document', () => {
  test('has the operations that are registered, each at its address, and no others', () => {
    const addresses = Object.entries(some.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    )
    expect(addresses.toSorted()).toEqual([
      'delete /product/{id} deleteProduct',
      'get /products listProducts',
      'get /products/images/{name} getPicture',
      'get /products/{id} getProduct',
      'post /orders placeOrder',
      'post /products/images uploadPicture',
      'put /product updateProduct',
    ])
    expect(some).toMatchObject({
      openapi: '3.1.1',
      info: {
        title: 'Contoso Pet Store',
        version: '2.0.0',
        description: expect.stringContaining('RFC 9457'),
      },
      servers: [{ url: '/api' }],
      tags: [{ name: 'products' }, { name: 'orders' }],
    })
    const all = openApi(new Set(operations.map(({ name }) => name)), '1')
    expect(Object.values(all.paths).flatMap((methods) => Object.keys(methods))).toHaveLength(
      operations.length,
    )
    expect(openApi(new Set(), '1')).toMatchObject({ paths: {}, tags: [] })
  })

  test('says of a change who may make it, what it takes, and how large that may be', () => {
    const put = some.paths['/product']?.put
    expect(put).toMatchObject({
      tags: ['products'],
      summary: expect.stringMatching(/./),
      description: 'The body is at most 8192 KiB.',
      security: [{ signedIn: [] }],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Product' } } },
      },
      parameters: [
        {
          name: 'if-match',
          in: 'header',
          required: false,
          schema: { type: 'string' },
          description: expect.stringMatching(/./),
        },
      ],
    })
    expect(some.components.securitySchemes).toMatchObject({ signedIn: { type: 'http', scheme: 'bearer' } })
    const order = some.paths['/orders']?.post
    expect(order).not.toHaveProperty('security')
    expect(order?.description).toBe('The body is at most 256 KiB.')
    expect(some.paths['/products/images']?.post?.requestBody?.content).toEqual({
      'image/png': {},
      'image/jpeg': {},
      'image/webp': {},
      'image/gif': {},
      'image/avif': {},
    })
  })

  test('says of a look what it may be asked with, and takes no body', () => {
    const get = some.paths['/products/{id}']?.get
    expect(get).not.toHaveProperty('requestBody')
    expect(get).not.toHaveProperty('description')
    expect(get?.parameters[0]).toEqual({ name: 'id', in: 'path', required: true, schema: { type: 'string' } })
    const list = some.paths['/products']?.get?.parameters ?? []
    expect(list.filter((parameter) => parameter.in === 'query').map(({ name }) => name)).toEqual([
      'search',
      'minPrice',
      'maxPrice',
      'sort',
      'limit',
      'continuation',
    ])
    expect(list[0]).toMatchObject({ required: false, schema: { type: 'string', maxLength: 200 } })
    expect(JSON.stringify(some.components.schemas)).not.toMatch(/"\$schema"|"\$id"/)
    expect(JSON.stringify(list)).not.toMatch(/"\$schema"|"\$id"/)
  })

  test('says what is answered, and by which problem a call can fail', () => {
    const { responses = {} } = some.paths['/orders']?.post ?? {}
    expect(Object.keys(responses)).toEqual(['200', '201', '400', '403', '413', '415', '422', '429', '503'])
    expect(responses['201']).toEqual({
      description: 'Created',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
    })
    expect(responses['429']).toEqual({
      description: 'Too many calls; try again later',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    })
    expect(some.paths['/products/{id}']?.get?.responses['304']).toEqual({ description: 'Not changed since' })
    expect(some.paths['/products']?.get?.responses['200']?.content).toEqual({
      'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Product' } } },
    })
    expect(Object.keys(some.components.schemas)).toEqual(
      expect.arrayContaining(['Product', 'Order', 'Problem']),
    )
  })
})

describe('the page', () => {
  const html = openApiPage(some)
  /** The part about one operation. */
  const about = (id: string) => new RegExp(`<details id="${id}">[\\s\\S]*?</details>`).exec(html)?.[0] ?? ''

  test('shows each operation under its service, with its method and address', () => {
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).toContain('<title>Contoso Pet Store API</title>')
    expect(html).toContain('<small>2.0.0</small>')
    const [products = '', orders = ''] = html.split('<section>').slice(1)
    expect(products).toContain('<h2>products</h2>')
    expect(orders).toContain('<h2>orders</h2>')
    expect(products).toContain('id="getProduct"')
    expect(products).not.toContain('id="placeOrder"')
    expect(orders).toContain('id="placeOrder"')
    expect(about('updateProduct')).toContain('<code class="put">PUT</code> <code>/api/product</code>')
    expect(html).not.toMatch(/<script|Stryker/)
  })

  test('says who may, with what, and what comes back', () => {
    expect(about('updateProduct')).toContain('<em>admin</em>')
    expect(about('placeOrder')).not.toContain('<em>admin</em>')
    expect(about('updateProduct')).toContain('<p>The body is at most 8192 KiB.</p>')
    expect(about('updateProduct')).toMatch(
      /<h3>Parameters<\/h3><table><tr><td><code>if-match<\/code><\/td><td>header<\/td><td>An ETag/,
    )
    expect(about('updateProduct')).toContain(
      '<h3>Body</h3><code>application/json</code> <a href="#schema-Product">Product</a>',
    )
    expect(about('getProduct')).not.toContain('<h3>Body</h3>')
    expect(about('deleteProduct')).not.toContain('<p>')
    expect(about('listProducts')).toContain(
      '<tr><td><code>200</code></td><td>Success</td><td><code>application/json</code> list of <a href="#schema-Product">Product</a></td></tr>',
    )
    expect(about('getPicture')).toContain('<code>image/png</code> <br><code>image/jpeg</code> ')
    expect(about('getPicture')).toContain(
      '<tr><td><code>304</code></td><td>Not changed since</td><td></td></tr>',
    )
    expect(html).toContain('<details id="schema-Product"><summary>Product</summary><pre>{\n')
  })

  test('shows a parameter by what is said of it, or by its shape, and no mark-up of what it shows', () => {
    const { get } = some.paths['/products/{id}'] ?? {}
    if (!get) throw new Error('no such operation')
    const odd = {
      ...some,
      info: { ...some.info, title: `A & B's <"shop">` },
      paths: {
        '/x': {
          get: { ...get, parameters: [{ name: 'q', in: 'query', required: false, schema: { a: '<' } }] },
        },
      },
    }
    const page = openApiPage(odd)
    expect(page).toContain('<h1>A &amp; B&#39;s &lt;&quot;shop&quot;&gt; API')
    expect(page).toContain('<td><code>q</code></td><td>query</td><td>{&quot;a&quot;:&quot;&lt;&quot;}</td>')
    const none = openApiPage({ ...odd, paths: { '/x': { get: { ...get, parameters: [] } } } })
    expect(none).not.toContain('<h3>Parameters</h3>')
  })
})
