/** Numbers of orders, for people to read out. A number is drawn by lot: it tells nothing of the id, which is a ticket. */
import { randomInt } from 'node:crypto'

/**
 * A new number. Nothing keeps two orders from drawing the same one: with 100,000 orders that has happened in two stores
 * of five, and whoever looks for it is shown both.
 */
export function newOrderNumber(): string {
  const digits = String(randomInt(1_000_000_000, 10_000_000_000))
  return `${digits.slice(0, 5)}-${digits.slice(5)}`
}
