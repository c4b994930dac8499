/** Orders: reading them, and moving them along. */
import { useQuery } from '@pinia/colada'
import type { Order, OrderState } from '@store/contract'
import { nextStates, statusCodes } from '@store/contract/status'
import { describeFailure, useToasts } from '@store/web-ui'
import { readonly, ref } from 'vue'
import { api } from '../api.ts'
import { useLive } from './live.ts'
import { useRenew } from './renew.ts'

/** One order, live. */
export function useOrder(orderId: () => string) {
  const query = useQuery({
    key: () => ['orders', 'one', orderId()],
    query: async ({ signal }) => (await api.orders.get(orderId(), { signal })).value,
  })
  return { ...query, ...useLive(() => query.refresh(), 4_000) }
}

/** The states an employee can move an order to. */
export type Step = Exclude<OrderState, 'placed' | 'pending'>

/**
 * The steps as the pages offer them: the word on their button, the word for what was done, and the key that takes it
 * on the board. One without a key is asked about first, and is not offered on the board.
 */
export const steps: Record<Step, { word: string; done: string; key?: string }> = {
  processing: { word: 'Start', done: 'started', key: 's' },
  complete: { word: 'Complete', done: 'completed', key: 'c' },
  cancelled: { word: 'Cancel', done: 'cancelled' },
}

/** Which steps an order's life has left. */
export const stepsOf = ({ state }: Order): readonly Step[] =>
  nextStates[state].filter((next) => next !== 'pending' && next !== 'placed')

/** Which of them the board offers. */
export const boardStepsOf = (order: Order): readonly Step[] =>
  stepsOf(order).filter((step) => steps[step].key)

/** Moves orders along and says in a message how it went. `moving` holds the ids of those under way. */
export function useMoveOrders() {
  const renew = useRenew()
  const toasts = useToasts()
  const moving = ref<ReadonlySet<string>>(new Set())

  /** Resolves with the orders that moved. Those whose life does not lead to `step` are left alone. */
  async function move(orders: readonly Order[], step: Step): Promise<Order[]> {
    const movable = orders.filter(
      (order) => stepsOf(order).includes(step) && !moving.value.has(order.orderId),
    )
    if (!movable.length) return []
    moving.value = new Set([...moving.value, ...movable.map(({ orderId }) => orderId)])
    const moved: Order[] = []
    const failures: unknown[] = []
    const waiting = [...movable]
    const work = async () => {
      for (let order = waiting.shift(); order; order = waiting.shift()) {
        try {
          await api.orders.setStatus({
            orderId: order.orderId,
            status: statusCodes[step],
            state: step,
          })
          moved.push(order)
        } catch (error) {
          failures.push(error)
        }
      }
    }
    await Promise.all(Array.from({ length: 4 }, work))
    await renew(['orders'])
    moving.value = new Set([...moving.value].filter((id) => !movable.some(({ orderId }) => orderId === id)))
    if (moved.length === 1 && moved[0]) toasts.success(`Order ${moved[0].number} ${steps[step].done}`)
    if (moved.length > 1) toasts.success(`${moved.length} orders ${steps[step].done}`)
    if (failures.length) {
      const { message } = describeFailure(failures[0])
      toasts.error(
        failures.length === 1
          ? message
          : `${failures.length} orders could not be ${steps[step].done}. ${message}`,
      )
    }
    return moved
  }

  return { moving: readonly(moving), move }
}
