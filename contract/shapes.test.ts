/**
 * The bounds of what clients may send, each from both sides: the last value that is taken and the first that is not, with
 * the field that is named. The web apps show the same bounds beforehand (`limits.ts`).
 */
import { describe, expect, test } from 'vitest'
import type * as z from 'zod'
import { DescriptionRequest, ImageRequest } from './ai.ts'
import { AnalyticsQuery, AnalyticsSummary } from './analytics.ts'
import { BrowserTelemetry } from './browserTelemetry.ts'
import { limits } from './limits.ts'
import { DeadLetter } from './makeline.ts'
import { NewOrder, Order, OrderListQuery, OrderMessage, OrderStatusChange, PlacingHeaders } from './order.ts'
import { NewProduct, Product, ProductImport, ProductQuery } from './product.ts'
import { orderStates } from './status.ts'

const x = (length: number) => 'x'.repeat(length)
const many = <T>(length: number, value: T) => Array.from({ length }, () => value)
const day = 24 * 3_600_000
const at = (milliseconds: number) => new Date(milliseconds).toISOString()

const product = { name: 'Rope', price: 1, description: 'Strong.', image: '/images/rope.svg' }
const item = { productId: 1, quantity: 1 }
const basket = { customerId: 'c', items: [item] }
const step = { state: 'placed', at: at(0) }
const order = {
  orderId: 'o',
  number: '48219-30755',
  customerId: 'c',
  items: [{ ...item, price: 1.5, name: 'Rope' }],
  status: 0,
  state: 'placed',
  total: 1.5,
  createdAt: at(0),
  history: [step],
}
const letter = {
  sequenceNumber: '9',
  messageId: 'm',
  orderId: null,
  reason: 'r',
  description: 'd',
  enqueuedAt: at(0),
  deliveryCount: 0,
}
const span = {
  type: 'click',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  page: '/order/:orderId',
  start: 1,
  duration: 1,
}
const asked = { ...span, type: 'call', method: 'GET', route: '/api/products/{}' }
const vital = {
  name: 'CLS',
  value: 0,
  delta: 0,
  id: 'v6-1800000000000-1234567890123',
  rating: 'good',
  page: '/',
}
const told = { app: 'web-store', sentAt: 1, spans: [span], vitals: [vital] }
const summary = {
  from: at(0),
  to: at(day),
  orders: 0,
  revenue: 0,
  ordersByStatus: Object.fromEntries(orderStates.map((state) => [state, 0])),
  series: [{ hour: at(0), orders: 1, revenue: 1 }],
  topProducts: [{ productId: 1, name: 'Rope', quantity: 1, revenue: 1 }],
  meanSecondsToComplete: null,
}

/** Values that are taken, and values that are not, with the path of the field that is at fault. */
interface Bounds {
  shape: z.ZodType
  taken: unknown[]
  refused: [value: unknown, path: string][]
}
const shapes: Record<string, Bounds> = {
  'a product': {
    shape: NewProduct,
    taken: [
      product,
      { ...product, price: 0 },
      { ...product, price: limits.price },
      { ...product, name: x(limits.productName), description: x(limits.productDescription) },
      { ...product, image: `https://${x(limits.productImage - 8)}` },
      { ...product, image: `DATA:image/png;base64,${x(limits.productImage)}` },
      { ...product, image: ` ${product.image} ` },
      { ...product, image: 'http://pictures.example/a.png' },
    ],
    refused: [
      [{}, 'name'],
      [{ ...product, price: -0.01 }, 'price'],
      [{ ...product, price: limits.price + 0.01 }, 'price'],
      [{ ...product, name: x(limits.productName + 1) }, 'name'],
      [{ ...product, description: x(limits.productDescription + 1) }, 'description'],
      [{ ...product, image: ' ' }, 'image'],
      [{ ...product, image: `https://${x(limits.productImage)}` }, 'image'],
      [{ ...product, image: `data:${x(limits.pictureDataUrl)}` }, 'image'],
      [{ ...product, image: 'javascript:alert(1)' }, 'image'],
      [{ ...product, image: '/a b' }, 'image'],
      [{ ...product, image: 'x data:image/png' }, 'image'],
    ],
  },
  'the number of a product': {
    shape: Product,
    taken: [
      { ...product, id: 1 },
      { ...product, id: 2_147_483_647 },
    ],
    refused: [
      [product, 'id'],
      [{ ...product, id: 0 }, 'id'],
      [{ ...product, id: 1.5 }, 'id'],
      [{ ...product, id: 2_147_483_648 }, 'id'],
    ],
  },
  'an import': {
    shape: ProductImport,
    taken: [[], many(limits.importedProducts, product)],
    refused: [
      [many(limits.importedProducts + 1, product), ''],
      [[product, { ...product, name: ' ' }], '1/name'],
    ],
  },
  'a search of the catalogue': {
    shape: ProductQuery,
    taken: [
      {},
      { search: x(limits.search), sort: '-price' },
      { search: ` ${x(limits.search)} ` },
      { minPrice: '0', maxPrice: '9999999.9999' },
      { limit: '1', continuation: x(2_048) },
      { limit: String(limits.productPage) },
    ],
    refused: [
      [{ search: x(limits.search + 1) }, 'search'],
      [{ sort: 'colour' }, 'sort'],
      [{ minPrice: '' }, 'minPrice'],
      [{ minPrice: '1.' }, 'minPrice'],
      [{ minPrice: '1.x' }, 'minPrice'],
      [{ minPrice: 'a1' }, 'minPrice'],
      [{ maxPrice: '1a' }, 'maxPrice'],
      [{ maxPrice: '12345678' }, 'maxPrice'],
      [{ maxPrice: '1.00001' }, 'maxPrice'],
      [{ limit: '0' }, 'limit'],
      [{ limit: '-1' }, 'limit'],
      [{ limit: '1x' }, 'limit'],
      [{ limit: String(limits.productPage + 1) }, 'limit'],
      [{ continuation: x(2_049) }, 'continuation'],
    ],
  },
  'a basket': {
    shape: NewOrder,
    taken: [
      basket,
      { ...basket, customerId: x(limits.customerId) },
      { ...basket, customerId: 7 },
      {
        ...basket,
        items: many(limits.orderItems, { productId: 1, quantity: limits.quantity, price: 'any' }),
      },
    ],
    refused: [
      [{ ...basket, customerId: ' ' }, 'customerId'],
      [{ ...basket, customerId: x(limits.customerId + 1) }, 'customerId'],
      [{ ...basket, customerId: 1.5 }, 'customerId'],
      [{ ...basket, items: [] }, 'items'],
      [{ ...basket, items: many(limits.orderItems + 1, item) }, 'items'],
      [{ ...basket, items: [{ ...item, quantity: 0 }] }, 'items/0/quantity'],
      [{ ...basket, items: [{ ...item, quantity: 1.5 }] }, 'items/0/quantity'],
      [{ ...basket, items: [{ ...item, quantity: limits.quantity + 1 }] }, 'items/0/quantity'],
      [{ ...basket, items: [{ ...item, productId: 0 }] }, 'items/0/productId'],
      [{ ...basket, items: [item, {}] }, 'items/1/productId'],
    ],
  },
  'an idempotency key': {
    shape: PlacingHeaders,
    taken: [{}, { 'idempotency-key': '!' }, { 'idempotency-key': '~'.repeat(limits.idempotencyKey) }],
    refused: ['', 'a b', ' a', 'a ', 'é', 'a\u007f', x(limits.idempotencyKey + 1)].map((key) => [
      { 'idempotency-key': key },
      'idempotency-key',
    ]),
  },
  'a change of an order': {
    shape: OrderStatusChange,
    taken: [
      { orderId: 'o', status: 0 },
      { orderId: x(64), status: 3, state: 'cancelled' },
      ...[1, 2].map((status) => ({ ...order, status })),
    ],
    refused: [
      [{ status: 1 }, 'orderId'],
      [{ orderId: '', status: 1 }, 'orderId'],
      [{ orderId: x(65), status: 1 }, 'orderId'],
      [{ orderId: 'o', status: 4 }, 'status'],
      [{ orderId: 'o', status: '1' }, 'status'],
      [{ orderId: 'o', status: 1, state: 'lost' }, 'state'],
    ],
  },
  'a message of the queue': {
    shape: OrderMessage,
    taken: [{ orderId: x(64), more: 1 }],
    refused: [
      [{}, 'orderId'],
      [{ orderId: '' }, 'orderId'],
      [{ orderId: x(65) }, 'orderId'],
      [null, ''],
    ],
  },
  'an order': {
    shape: Order,
    taken: [order, ...orderStates.map((state) => ({ ...order, state, history: [{ ...step, state }] }))],
    refused: [
      [{ ...order, items: [item] }, 'items/0/price'],
      [{ ...order, items: [{ ...item, price: 1 }] }, 'items/0/name'],
      [{ ...order, history: [{}] }, 'history/0/state'],
      [{ ...order, history: [{ state: 'placed', at: 'now' }] }, 'history/0/at'],
      [{ ...order, createdAt: 'now' }, 'createdAt'],
      [{ ...order, number: undefined }, 'number'],
    ],
  },
  'a question for orders': {
    shape: OrderListQuery,
    taken: [
      {},
      { state: 'pending', customerId: x(limits.customerId), limit: '1', continuation: x(8_192) },
      { limit: String(limits.ordersPage) },
      { from: at(1), to: at(1) },
      { from: at(1) },
      { to: '1970-01-01T01:00:00+01:00' },
    ],
    refused: [
      [{ state: 'lost' }, 'state'],
      [{ customerId: '' }, 'customerId'],
      [{ number: '1234' }, 'number'],
      [{ limit: '0' }, 'limit'],
      [{ limit: '1.5' }, 'limit'],
      [{ limit: String(limits.ordersPage + 1) }, 'limit'],
      [{ continuation: x(8_193) }, 'continuation'],
      [{ from: at(2), to: at(1) }, 'to'],
      [{ from: '1970-01-01T00:00:00' }, 'from'],
    ],
  },
  'a range of the dashboard': {
    shape: AnalyticsQuery,
    taken: [
      {},
      { to: at(0) },
      { from: at(0), to: at(1) },
      { from: at(day), to: at(367 * day) },
      { from: at(Date.now() - day) },
    ],
    refused: [
      [{ from: at(1), to: at(1) }, 'to'],
      [{ from: at(Date.now() + day) }, 'to'],
      [{ from: at(0), to: at(366 * day + 1) }, 'from'],
      [{ from: at(Date.now() - 367 * day) }, 'from'],
    ],
  },
  'what the dashboard shows': {
    shape: AnalyticsSummary,
    taken: [summary, { ...summary, meanSecondsToComplete: 1.5 }],
    refused: [
      [{ ...summary, orders: -1 }, 'orders'],
      [{ ...summary, ordersByStatus: {} }, 'ordersByStatus/placed'],
      [{ ...summary, series: [{}] }, 'series/0/hour'],
      [{ ...summary, topProducts: [{}] }, 'topProducts/0/productId'],
      [{ ...summary, from: undefined }, 'from'],
    ],
  },
  'a dead letter': {
    shape: DeadLetter,
    taken: [
      letter,
      { ...letter, sequenceNumber: x(20).replaceAll('x', '9'), orderId: 'o', deliveryCount: 11 },
    ],
    refused: [
      [{}, 'sequenceNumber'],
      ...['', '-1', '1x', x(21).replaceAll('x', '9')].map((sequenceNumber): [unknown, string] => [
        { ...letter, sequenceNumber },
        'sequenceNumber',
      ]),
      [{ ...letter, deliveryCount: -1 }, 'deliveryCount'],
    ],
  },
  'a wish for a description': {
    shape: DescriptionRequest,
    taken: [
      { name: x(limits.productName), tags: [] },
      { name: ` ${x(limits.productName)} `, tags: many(50, ` ${x(100)} `) },
      { name: 'Rope', tags: [''] },
    ],
    refused: [
      [{ name: ' ', tags: [] }, 'name'],
      [{ name: x(limits.productName + 1), tags: [] }, 'name'],
      [{ name: 'Rope' }, 'tags'],
      [{ name: 'Rope', tags: [x(101)] }, 'tags/0'],
      [{ name: 'Rope', tags: many(51, 'x') }, 'tags'],
    ],
  },
  'a wish for a picture': {
    shape: ImageRequest,
    taken: [
      { name: ` ${x(limits.productName)} `, description: ` ${x(limits.productDescription)} ` },
      { name: 'Rope', description: '', format: 'url' },
      { name: 'Rope', description: '', format: 'data' },
    ],
    refused: [
      [{ name: ' ', description: '' }, 'name'],
      [{ name: x(limits.productName + 1), description: '' }, 'name'],
      [{ name: 'Rope', description: x(limits.productDescription + 1) }, 'description'],
      [{ name: 'Rope', description: '', format: 'svg' }, 'format'],
    ],
  },
  'what a page tells of itself': {
    shape: BrowserTelemetry,
    taken: [
      told,
      { ...told, app: 'web-admin', sentAt: 0, spans: [], vitals: [] },
      { ...told, sentAt: 8.64e15, spans: many(40, span), vitals: many(20, vital) },
      ...['/', '/cart', '/products/new', '/:id', '/order/:orderId/x-y'].map((page) => ({
        ...told,
        spans: [{ ...span, type: 'load', page, start: 0, duration: 3_600_000 }],
      })),
      ...['/api', '/api/dead-letters', '/api/order/{}/cancel', `/api${'/a'.repeat(48)}`].map((route) => ({
        ...told,
        spans: [{ ...asked, route, parentId: span.spanId }],
      })),
      ...['GET', 'POST', 'PUT', 'DELETE'].map((method) => ({ ...told, spans: [{ ...asked, method }] })),
      ...[100, 599].map((status) => ({ ...told, spans: [{ ...asked, status }] })),
      ...['CLS', 'FCP', 'INP', 'LCP', 'TTFB'].map((name) => ({ ...told, vitals: [{ ...vital, name }] })),
      ...['good', 'needs-improvement', 'poor'].map((rating) => ({ ...told, vitals: [{ ...vital, rating }] })),
      { ...told, vitals: [{ ...vital, id: 'v12-1800000000000-1234567890123', value: 3_600_000 }] },
      // An id may begin with zeros; it may not be nothing but zeros.
      {
        ...told,
        spans: [{ ...span, traceId: `0${x(31).replaceAll('x', '1')}`, spanId: `${'0'.repeat(15)}1` }],
      },
    ],
    refused: [
      [{ ...told, app: 'other' }, 'app'],
      [{ ...told, user: 'ann' }, ''],
      [{ ...told, sentAt: -1 }, 'sentAt'],
      [{ ...told, sentAt: 8.65e15 }, 'sentAt'],
      [{ ...told, spans: many(41, span) }, 'spans'],
      [{ ...told, vitals: many(21, vital) }, 'vitals'],
      ...[
        { type: 'other' },
        { traceId: '0'.repeat(32) },
        { traceId: `x${span.traceId}` },
        { traceId: `${span.traceId}0` },
        { traceId: span.traceId.toUpperCase() },
        { spanId: '0'.repeat(16) },
        { spanId: `x${span.spanId}` },
        { spanId: `${span.spanId}0` },
        { page: '' },
        { page: 'x/' },
        { page: '/orders/17' },
        { page: '/cart/' },
        { page: '/cart?x' },
        { page: '/a//b' },
        { page: `/${x(60)}` },
        { start: -1 },
        { duration: -1 },
        { duration: 3_600_001 },
      ].map((fault): [unknown, string] => [
        { ...told, spans: [span, { ...span, ...fault }] },
        `spans/1/${Object.keys(fault)}`,
      ]),
      [{ ...told, spans: [{ ...span, user: 'ann' }] }, 'spans/0'],
      ...[
        { method: 'PATCH' },
        { route: '/products' },
        { route: 'x/api' },
        { route: '/api/orders/17' },
        { route: '/api/products?x' },
        { route: `/api/${x(100)}` },
        { status: 99 },
        { status: 600 },
        { status: 200.5 },
        { parentId: 'x' },
      ].map((fault): [unknown, string] => [
        { ...told, spans: [{ ...asked, ...fault }] },
        `spans/0/${Object.keys(fault)}`,
      ]),
      ...[
        { name: 'TTI' },
        { value: -1 },
        { delta: 3_600_001 },
        { rating: 'fine' },
        { page: '/orders/17' },
        { id: 'xv6-1800000000000-1234567890123' },
        { id: 'v6-1800000000000-1234567890123x' },
        { id: 'v123-1800000000000-1234567890123' },
        { id: 'vx-1800000000000-1234567890123' },
        { id: 'v6-1-1234567890123' },
        { id: 'v6-x800000000000-1234567890123' },
        { id: 'v6-1800000000000-1' },
        { id: 'v6-1800000000000-x234567890123' },
      ].map((fault): [unknown, string] => [
        { ...told, vitals: [{ ...vital, ...fault }] },
        `vitals/0/${Object.keys(fault)}`,
      ]),
    ],
  },
}

describe.each(Object.entries(shapes))('%s', (_, { shape, taken, refused }) => {
  test.each(taken.map((value) => [short(value), value]))('is taken: %s', (_, value) => {
    expect(shape.safeParse(value).error?.issues ?? []).toEqual([])
  })

  test.each(refused.map(([value, path]) => [short(value), path, value] as const))(
    'is refused: %s, at %j',
    (_, path, value) => {
      const paths = shape.safeParse(value).error?.issues.map((issue) => issue.path.join('/'))
      expect(paths?.[0]).toBe(path)
    },
  )
})

/** Some of a value, for the name of its test. */
function short(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 60)}…${text.slice(-39)}` : text
}

test('what a person wrote is kept as it was meant, and times become UTC', () => {
  expect(NewProduct.parse({ ...product, name: ' Rope ', image: ' /a ', more: 1 })).toEqual({
    ...product,
    image: '/a',
  })
  expect(NewOrder.parse({ ...basket, customerId: 7 })).toEqual({ ...basket, customerId: '7' })
  expect(ProductQuery.parse({ search: ' a b ', minPrice: '1.5', limit: '20' })).toEqual({
    search: 'a b',
    minPrice: 1.5,
    limit: 20,
  })
  expect(OrderListQuery.parse({ number: '4821930755', from: '2026-01-01T05:30:00+05:30' })).toEqual({
    number: '48219-30755',
    from: '2026-01-01T00:00:00.000Z',
    limit: 50,
  })
  expect(DescriptionRequest.parse({ name: ' Rope ', tags: [' a '] })).toEqual({ name: 'Rope', tags: ['a'] })
  expect(ImageRequest.parse({ name: ' Rope ', description: ' d ' })).toEqual({
    name: 'Rope',
    description: 'd',
  })
})
