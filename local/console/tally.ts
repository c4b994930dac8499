/** The figure that counts: what became of the orders. Computed from what the database and the queues hold. */

/** What is read of an order's document. */
export interface OrderDocument {
  id: string
  customerId: string
  /** ISO 8601. */
  createdAt: string
  state: string
  /** The states that it went through, in their order. */
  history: { state: string }[]
}

export interface Evidence {
  orders: readonly OrderDocument[]
  /** The console's own customers, each of whom wants one order, by their names. */
  customers: ReadonlySet<string>
  /** The ids of the orders that the API answered to them. */
  answered: ReadonlySet<string>
  /** The orders of which a message tells that waits, or is put off, in the makeline's queue. */
  told: ReadonlySet<string>
  /** Whether that is all of the queue; what is not seen of it may tell of any order. */
  toldAll: boolean
  /** When the queue was looked at, ISO 8601: of an order that is as young its message may just be coming. */
  lookedAt: string
  /** The orders of which a message was dead-lettered: in `orders-failed`, or in the broker's own dead-letter queue. */
  deadLettered: ReadonlySet<string>
}

export interface Tally {
  /** Orders that a customer was told of, or that are in the database. */
  accepted: number
  /** Taken into the makeline: the history has "pending". */
  made: number
  /** Not made yet, and a message tells of it, or is on its way. */
  waiting: number
  /** Not made, and no message tells of it: the timer `republishOrders` will find it. */
  untold: number
  /** Its message was dead-lettered, for an employee to see. */
  deadLettered: number
  /** Taken back by the customer before the makeline had it. */
  cancelled: number
  /** A customer was told of it, and the database does not have it. */
  lost: number
  /** Made twice, or a second one of a customer who wanted one. */
  doubled: number
}

/** Counts; each accepted order is in one of made, waiting, untold, deadLettered, cancelled and lost. */
export function tallyOf(evidence: Evidence): Tally {
  const { orders, customers, answered, told, toldAll, lookedAt, deadLettered } = evidence
  const known = new Set(orders.map(({ id }) => id))
  const lost = [...answered].filter((id) => !known.has(id)).length
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
  // Whoever stores an order publishes it right after.
  const young = new Date(Date.parse(lookedAt) - 1_000).toISOString()
  const served = new Set<string>()
  for (const { id, customerId, createdAt, state, history } of orders) {
    const times = history.filter((step) => step.state === 'pending').length
    if (times > 0) tally.made++
    else if (state === 'cancelled') tally.cancelled++
    else if (told.has(id)) tally.waiting++
    else if (deadLettered.has(id)) tally.deadLettered++
    else if (!toldAll || createdAt > young) tally.waiting++
    else tally.untold++
    if (times > 1 || served.has(customerId)) tally.doubled++
    if (customers.has(customerId)) served.add(customerId)
  }
  return tally
}
