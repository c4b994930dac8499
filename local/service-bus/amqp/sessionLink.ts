import { longestTimeout } from '../timers.ts'
import type { HeldSession } from './consumer.ts'
import type { Dispatcher } from './dispatcher.ts'
import rhea, { type Link } from './rhea.ts'

const sessionFilter = 'com.microsoft:session-filter'
const timeoutProperty = 'com.microsoft:timeout'
const defaultTimeout = 60_000

type Asked =
  | { readonly kind: 'none' }
  | { readonly kind: 'next' }
  | { readonly kind: 'named'; readonly id: string }

/** What a receiving client asks for: no session, whichever comes next, or one by its id. */
export function sessionAsked(link: Link): Asked {
  const filter = link.source?.filter ?? {}
  if (!Object.hasOwn(filter, sessionFilter)) return { kind: 'none' }
  const value = filter[sessionFilter]
  // Some clients describe the value of a filter, some do not.
  const id = value !== null && typeof value === 'object' && 'value' in value ? value.value : value
  return typeof id === 'string' ? { kind: 'named', id } : { kind: 'next' }
}

/** Tells the client, in the answer to its attach, which session it has got and until when. */
export function grantSession(link: Link, session: HeldSession): void {
  link.set_source({ address: link.source?.address ?? '', filter: { [sessionFilter]: session.id } })
  link.local.attach.properties = {
    'com.microsoft:locked-until-utc': rhea.types.wrap_long(ticks(session.until)),
  }
}

/**
 * Holds the answer to an attach back until there is a session for the client (then calls `accept`), or its patience ends.
 * Returns a function that gives the waiting up.
 */
export function awaitSession(
  link: Link,
  dispatcher: Dispatcher,
  accept: (session: HeldSession) => void,
): () => void {
  // rhea has opened the link already, but will not tell the client before the next tick.
  link.state.local_open = false
  link.state.open_requests--
  const waiter = {
    accept(session: HeldSession) {
      stop()
      accept(session)
      link.open()
    },
  }
  const timer = setTimeout(() => {
    stop()
    link.open()
    link.close({ condition: 'com.microsoft:timeout', description: 'No session became available in time.' })
  }, patience(link))
  const stop = () => {
    clearTimeout(timer)
    dispatcher.stopWaiting(waiter)
  }
  dispatcher.wait(waiter)
  return stop
}

/** How long the client wants to wait, in milliseconds: an unsigned integer, of eight bytes when it is large. */
function patience({ properties }: Link): number {
  const asked: unknown = properties?.[timeoutProperty]
  if (Buffer.isBuffer(asked)) return longestTimeout
  const milliseconds = typeof asked === 'number' && asked >= 0 ? asked : defaultTimeout
  return Math.min(milliseconds, longestTimeout)
}

/** The hundreds of nanoseconds since the year 1, as eight bytes: how .NET counts time. */
function ticks(milliseconds: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64BE(BigInt(milliseconds) * 10_000n + 621_355_968_000_000_000n)
  return buffer
}
