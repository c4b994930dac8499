/** Names of orders. An order's id is its customer's ticket to it, so nobody may guess one. */
import { createHmac } from 'node:crypto'
import { parse, stringify, v7 as uuidv7, validate, version } from 'uuid'

/** Whether a text can be the id of an order at all. */
export const isOrderId = (text: string): boolean => validate(text)

/** A new id: UUIDv7, ordered by time, with 74 random bits. */
export const newOrderId = (): string => uuidv7()

/** Under what an order is placed once. A key belongs to whoever chose it: nobody's "1" is another's. */
export interface IdempotencyKey {
  /** Customers choose theirs; no customer, whatever they call themselves, can take one of the simulation. */
  room: 'customers' | 'simulation'
  customerId: string
  key: string
}

/**
 * The id of the order that an idempotency key stands for: the same for the same key of the same customer, and without
 * the secret not to be told from a random one, however poor the key is (its HMAC). A key that is a UUIDv7, as the store
 * sends, gives its time to the id, which then is a UUIDv7 itself; of any other key comes a UUIDv8, which says nothing of
 * time.
 */
export function orderIdOfKey({ room, customerId, key }: IdempotencyKey, secret: string): string {
  const named = JSON.stringify([room, customerId, key])
  const bytes = createHmac('sha256', secret).update(named).digest().subarray(0, 16)
  const timed = validate(key) && version(key) === 7
  if (timed) bytes.set(parse(key).subarray(0, timeBytes))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (timed ? 0x70 : 0x80)
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return stringify(bytes)
}

/** A UUIDv7 begins with the milliseconds since 1970 in so many bytes. */
const timeBytes = 6
