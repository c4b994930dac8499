/** The figure that counts: what became of the orders. Computed from what the database and the queues hold. */

/** What is read of an order's document. */
export interface OrderDocument {
  id: string
  state: string
  /** The states that it went through, in their order. */
  history: { state: string }[]
}

export interface Evidence {
  orders: readonly OrderDocument[]
  /** The ids that the API answered to the console's own customers, by their idempotency keys. */
  answered: ReadonlyMap<string, ReadonlySet<string>>
  /** The orders of which a message tells that waits, or is put off, in the makeline's queue. */
  told: ReadonlySet<string>
  /** The orders of which a message was dead-lettered: in `orders-failed`, or in the broker's own dead-letter queue. */
  deadLettered: ReadonlySet<string>
}

export interface Tally {
  /** Orders that a customer was told of, or that are in the database. */
  accepted: number
  /** Taken into the makeline: the history has "pending". */
  made: number
  /** Not made yet, and a message tells of it. */
  waiting: number
  /** Not made, and no message tells of it: the timer `republishOrders` will find it. */
  untold: number
  /** Its message was dead-lettered, for an employee to see. */
  deadLettered: number
  /** Taken back by the customer before the makeline had it. */
  cancelled: number
  /** A customer was told of it, and the database does not have it. */
  lost: number
  /** Made twice, or one key made two orders of. */
  doubled: number
}

/** Counts; each accepted order is in one of made, waiting, untold, deadLettered, cancelled and lost. */
export function tallyOf({ orders, answered, told, deadLettered }: Evidence): Tally {
  const known = new Set(orders.map(({ id }) => id))
  const lost = [...answered.values()].flatMap((ids) => [...ids]).filter((id) => !known.has(id)).length
  const tally = {
    accepted: known.size + lost,
    made: 0,
    waiting: 0,
    untold: 0,
    deadLettered: 0,
    cancelled: 0,
    lost,
    doubled: 0,
  }
  for (const { id, state, history } of orders) {
    const times = history.filter((step) => step.state === 'pending').length
    if (times > 0) tally.made++
    else if (state === 'cancelled') tally.cancelled++
    else if (told.has(id)) tally.waiting++
    else if (deadLettered.has(id)) tally.deadLettered++
    else tally.untold++
    if (times > 1) tally.doubled++
  }
  for (const ids of answered.values()) if (ids.size > 1) tally.doubled++
  return tally
}
