import type { OrderState } from '@store/contract/status'

/** What the states of an order are called. */
export const stateWords: Record<OrderState, string> = {
  placed: 'Placed',
  pending: 'Pending',
  processing: 'Processing',
  complete: 'Complete',
  cancelled: 'Cancelled',
}
