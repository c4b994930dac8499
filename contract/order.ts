import * as z from 'zod'
import { limits } from './limits.ts'
import { readOrderNumber } from './orderNumber.ts'
import { ProductId } from './product.ts'
import { orderStates } from './status.ts'
import { text } from './text.ts'

/** One line of a basket as the customer sends it. A `price` beside it is accepted and ignored: the catalogue decides. */
export const NewItem = z.object({
  productId: ProductId,
  quantity: z.int().min(1).max(limits.quantity),
})
export type NewItem = z.infer<typeof NewItem>

/** POST /api/orders. The demo's virtual customer may send its id as a number. */
export const NewOrder = z.object({
  customerId: z.union([text(limits.customerId), z.int().transform(String)]),
  items: z.array(NewItem).min(1, 'must hold at least one item').max(limits.orderItems),
})
export type NewOrder = z.input<typeof NewOrder>

/** The header of POST /api/orders under which a repeat is known: best a new random UUID for each order. */
export const PlacingHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(limits.idempotencyKey)
    .regex(/^[!-~]*$/, 'must be printable ASCII without spaces')
    .optional(),
})

/** A priced line: `price` is the catalogue's price of one piece when the order was placed. */
export const Item = NewItem.extend({ price: z.number(), name: z.string() })
export type Item = z.infer<typeof Item>

/** One step of an order's life; `at` is an ISO 8601 time in UTC. */
export const HistoryEntry = z.object({ state: z.enum(orderStates), at: z.iso.datetime() })
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** An order as every route answers it. `status` is the demo's number, `state` says the same and more in a word. */
export const Order = z.object({
  orderId: z.string(),
  /** For people to read out, and no ticket to the order; an order of before there were numbers has its id here. */
  number: z.string(),
  customerId: z.string(),
  items: z.array(Item),
  status: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  state: z.enum(orderStates),
  /** Sum of price × quantity, in the store's currency. */
  total: z.number(),
  createdAt: z.iso.datetime(),
  history: z.array(HistoryEntry),
})
export type Order = z.infer<typeof Order>

/** PUT /api/makeline/order takes a whole Order, but only these fields decide; see `stateAskedFor`. */
export const OrderStatusChange = z.object({
  orderId: z.string().min(1).max(64),
  status: Order.shape.status,
  state: Order.shape.state.optional(),
})
export type OrderStatusChange = z.infer<typeof OrderStatusChange>

/** The body of a message on the queue `orders`. */
export const OrderMessage = z.object({ orderId: z.string().min(1).max(64) })
export type OrderMessage = z.infer<typeof OrderMessage>

/** A point in time as a client writes it, ISO 8601 with any offset; it becomes UTC with milliseconds. */
export const Instant = z.iso.datetime({ offset: true }).transform((time) => new Date(time).toISOString())

/** The query of GET /api/makeline/orders: placed at `from` or later and before `to`. */
export const OrderListQuery = z
  .object({
    state: z.enum(orderStates).optional(),
    /** Only this customer's, the whole id as it was sent. */
    customerId: text(limits.customerId).optional(),
    /** Only those with this number, which is hardly ever more than one. */
    number: z
      .string()
      .refine((number) => readOrderNumber(number), 'must be ten digits like 48219-30755')
      .transform((number) => readOrderNumber(number))
      .optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    limit: z.coerce.number().pipe(z.int().min(1).max(limits.ordersPage)).default(50),
    continuation: z.string().max(8_192).optional(),
  })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['to'], error: 'must not be before from' })

/** GET /api/makeline/orders: a page of orders, the newest first; `continuation` asks for the next one and is null on the last. */
export const OrderPage = z.object({ orders: z.array(Order), continuation: z.string().nullable() })
export type OrderPage = z.infer<typeof OrderPage>
