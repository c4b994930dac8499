import type { Order, OrderState } from '@store/contract'

/** An order for the tests of what the admin does with orders. */
export const sampleOrder = (state: OrderState, orderId = `order-${state}`): Order => ({
  orderId,
  number: '48219-30755',
  customerId: 'me',
  items: [{ productId: 2, quantity: 1, price: 6.99, name: 'Squid' }],
  status: 0,
  state,
  total: 6.99,
  createdAt: '2026-11-23T12:00:00.000Z',
  history: [],
})
