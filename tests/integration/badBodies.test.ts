/** An order that cannot be is refused with a problem document that names the field, and leaves no trace. */
import type { Problem } from '@store/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { clientsOf } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { queuedMessages, storedOrders } from '../harness/inside.ts'

let cloud: LocalCloud

// No makeline here: what is sent to the queue stays there to be seen.
beforeAll(async () => {
  cloud = await ownCloud({ settings: { ROLES: 'store', REPUBLISH_SCHEDULE: '0 0 0 1 1 *' } })
})

const order = (...items: unknown[]) => JSON.stringify({ customerId: 'mallory', items })
const json = 'application/json'

interface Case {
  what: string
  body: string
  type?: string
  status: number
  /** JSON pointer of the field at fault; without one the fault is the body's as a whole, and `detail` says so. */
  pointer?: string
}

const cases: Case[] = [
  { what: 'not JSON', body: '{"customerId": "mallory", items: [', status: 400, pointer: '' },
  { what: 'empty', body: '', status: 400, pointer: '' },
  { what: 'a list', body: '[]', status: 400, pointer: '' },
  { what: 'no items at all', body: '{"customerId":"mallory"}', status: 400, pointer: '/items' },
  { what: 'an empty list of items', body: order(), status: 400, pointer: '/items' },
  {
    what: 'no customer',
    body: '{"items":[{"productId":1,"quantity":1}]}',
    status: 400,
    pointer: '/customerId',
  },
  {
    what: 'quantity 0',
    body: order({ productId: 1, quantity: 0 }),
    status: 400,
    pointer: '/items/0/quantity',
  },
  {
    what: 'quantity −1',
    body: order({ productId: 1, quantity: -1 }),
    status: 400,
    pointer: '/items/0/quantity',
  },
  {
    what: 'quantity 1.5',
    body: order({ productId: 1, quantity: 1.5 }),
    status: 400,
    pointer: '/items/0/quantity',
  },
  {
    what: 'quantity 10⁹',
    body: order({ productId: 1, quantity: 1e9 }),
    status: 400,
    pointer: '/items/0/quantity',
  },
  {
    what: 'a quantity in words',
    body: order({ productId: 1, quantity: 'two' }),
    status: 400,
    pointer: '/items/0/quantity',
  },
  {
    what: 'an unknown product beside a known one',
    body: order({ productId: 1, quantity: 1 }, { productId: 424242, quantity: 1 }),
    status: 400,
    pointer: '/items/1/productId',
  },
  { what: '1 MB of text', body: 'x'.repeat(1 << 20), status: 413 },
  {
    what: '1 MB of text as the customer',
    body: JSON.stringify({ customerId: 'x'.repeat(1 << 20), items: [{ productId: 1, quantity: 1 }] }),
    status: 413,
  },
  { what: 'text', body: order({ productId: 1, quantity: 1 }), type: 'text/plain', status: 415 },
  {
    what: 'a form',
    body: order({ productId: 1, quantity: 1 }),
    type: 'application/x-www-form-urlencoded',
    status: 415,
  },
]

describe('POST /api/orders refuses', () => {
  test.each(cases)('$what: $status', async ({ body, type = json, status, pointer }) => {
    const response = await fetch(`${cloud.urls.api}/api/orders`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    })
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    const problem = (await response.json()) as Problem
    expect({ status: response.status, inDocument: problem.status }).toEqual({ status, inDocument: status })
    if (pointer === undefined) {
      expect(problem.detail).toMatch(/^The body must/)
    } else {
      expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
      expect(problem.errors?.every((error) => error.detail.length > 0)).toBe(true)
    }
  })
})

test('of all these nothing was stored or queued, while a good order is both', async () => {
  expect(await storedOrders(cloud.settings)).toEqual([])
  expect(await queuedMessages(cloud.settings)).toEqual([])

  const { customer } = clientsOf(cloud.urls)
  const placed = await customer.orders.place(
    { customerId: 'grace', items: [{ productId: 1, quantity: 1 }] },
    'a-key-of-grace',
  )
  expect((await storedOrders(cloud.settings)).map(({ id }) => id)).toEqual([placed.orderId])
  expect((await queuedMessages(cloud.settings)).map(({ body }) => body)).toEqual([
    { orderId: placed.orderId },
  ])
})
