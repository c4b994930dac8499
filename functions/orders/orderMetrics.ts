/** What is counted of orders: each reaches a state once, whoever asks for it how often. */
import { type OrderState, orderStates } from '@store/contract'
import { counter, histogram } from '../platform/telemetry/metrics.ts'
import type { Order } from './order.ts'

const orders = counter(
  {
    name: 'store.orders',
    description: 'This instance: orders that it brought to a state. Pending ones are those that were made.',
    unit: '{order}',
  },
  orderStates.map((state) => ({ 'store.order.state': state })),
)

const duration = histogram({
  name: 'store.order.duration',
  description: 'This instance: from the placing of an order to the state that it was brought to.',
  unit: 's',
  bounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400],
})

/** Counts the state that an order has come to. */
export function countStep(
  { createdAt, history }: Pick<Order, 'createdAt' | 'history'>,
  state: OrderState,
): void {
  const attributes = { 'store.order.state': state }
  orders(attributes)
  const at = history.findLast((step) => step.state === state)?.at
  if (state !== 'placed' && at)
    duration(Math.max(0, (Date.parse(at) - Date.parse(createdAt)) / 1_000), attributes)
}
