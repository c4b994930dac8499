/**
 * The life of an order, as names and as the numbers the wire has for them.
 * This file imports nothing, so a browser can have it without the schemas.
 */

/** The states of an order in the order they are reached; `cancelled` ends a life early. */
export const orderStates = ['placed', 'pending', 'processing', 'complete', 'cancelled'] as const
export type OrderState = (typeof orderStates)[number]

/** Which states each one leads to. */
export const nextStates: Record<OrderState, readonly OrderState[]> = {
  placed: ['pending', 'cancelled'],
  pending: ['processing', 'complete', 'cancelled'],
  processing: ['complete'],
  complete: [],
  cancelled: [],
}

/** An order that has come to its end changes no more. */
export const isFinal = (state: OrderState) => nextStates[state].length === 0

export const isCancellable = (state: OrderState) => nextStates[state].includes('cancelled')

/** What `status` is on the wire: the demo knows 0, 1 and 2; to it a placed order is pending. */
export const statusCodes = {
  placed: 0,
  pending: 0,
  processing: 1,
  complete: 2,
  cancelled: 3,
} as const satisfies Record<OrderState, number>
export type StatusCode = (typeof statusCodes)[OrderState]

/**
 * The state that a client asks for when it PUTs an order. The demo's pages call every order completed whose status is not
 * 0, and its admin and its worker complete one with status 1: so 1 completes, unless the client says with our own
 * `state` that the order is only begun. A `state` that another status belongs to is what the demo's admin read before.
 */
export function stateAskedFor({
  status,
  state,
}: {
  status: StatusCode
  state?: OrderState | undefined
}): OrderState {
  if (state && statusCodes[state] === status) return state
  return demoStates[status]
}

const demoStates = {
  0: 'pending',
  1: 'complete',
  2: 'complete',
  3: 'cancelled',
} as const satisfies Record<StatusCode, OrderState>
