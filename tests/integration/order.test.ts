/** The main job: an order goes from the customer through the queue to the employee and back. */
import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { clientsOf } from '../harness/clients.ts'
import { until } from '../harness/until.ts'

const { customer, employee } = clientsOf(inject('cloud').urls)

test('an order reaches the employees through the queue, and its completion reaches the customer', async () => {
  const [first, second] = await customer.products.list()
  if (!first || !second) throw new Error('The catalogue has fewer than two products.')

  const placed = await customer.orders.place(
    {
      customerId: 'ada',
      items: [
        { productId: first.id, quantity: 2 },
        { productId: second.id, quantity: 1 },
      ],
    },
    randomUUID(),
  )
  expect(placed).toMatchObject({
    status: 0,
    items: [
      { productId: first.id, quantity: 2, price: first.price },
      { productId: second.id, quantity: 1, price: second.price },
    ],
  })
  expect(placed.total).toBe((200 * first.price + 100 * second.price) / 100)

  const waiting = await until('the order is in the list of the employees', async () =>
    (await employee.makeline.fetch()).find(({ orderId }) => orderId === placed.orderId),
  )
  expect(waiting).toMatchObject({ customerId: 'ada', state: 'pending', total: placed.total })

  const before = await customer.orders.track(placed.orderId)
  await employee.makeline.setStatus({ orderId: placed.orderId, status: 2 })

  const after = await customer.orders.track(placed.orderId, before?.etag)
  expect(after?.value).toMatchObject({ status: 2, state: 'complete' })
  expect((await employee.makeline.fetch()).map(({ orderId }) => orderId)).not.toContain(placed.orderId)
})

test('the customer decides neither the price nor the name', async () => {
  const product = await customer.products.get(1)
  const items = [{ productId: 1, quantity: 3, price: 0.01, name: 'Free' }]
  const placed = await customer.orders.place({ customerId: '12345', items }, randomUUID())
  expect(placed.items).toEqual([{ productId: 1, quantity: 3, price: product.price, name: product.name }])
  expect(placed.total).toBeCloseTo(product.price * 3, 6)
})

test('only employees see and change orders', async () => {
  await expect(customer.makeline.fetch()).rejects.toMatchObject({ status: 401 })
  await expect(customer.makeline.setStatus({ orderId: 'x', status: 2 })).rejects.toMatchObject({
    status: 401,
  })
})
