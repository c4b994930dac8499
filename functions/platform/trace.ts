/**
 * W3C Trace Context: which chain of work an invocation belongs to. The header `traceparent` comes in with a request,
 * goes out with its answer and with each message, and so ties the makeline's log to the customer's click.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

const current = new AsyncLocalStorage<string>()
const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/

/** The trace that this work belongs to; undefined outside of one. */
export const traceparent = (): string | undefined => current.getStore()

/** Runs work as a new step of the trace of `parent`, the first of these that is one; of a new trace where none is. */
export function inTrace<T>(parents: (string | null | undefined)[], work: () => T): T {
  return current.run(step(parents), work)
}

function step(parents: (string | null | undefined)[]): string {
  const span = randomBytes(8).toString('hex')
  for (const parent of parents) {
    const [, trace, flags] = form.exec(parent?.trim().toLowerCase() ?? '') ?? []
    if (trace && flags) return `00-${trace}-${span}-${flags}`
  }
  // Marked as recorded, since a sampler that follows its parent would drop every trace that begins here otherwise.
  return `00-${randomBytes(16).toString('hex')}-${span}-01`
}
