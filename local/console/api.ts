/** What the page asks of the console, beside traces: the state of the system, looks into its parts, and faults. */
import type { IncomingMessage } from 'node:http'
import type { PartState } from '../cloud/childProtocol.ts'
import { Customers } from './customers.ts'
import { type FaultName, Faults, isFault } from './faults.ts'
import { HttpError } from './http/errors.ts'
import { readBody } from './http/readBody.ts'
import { Journeys, type Way } from './journey.ts'
import type { Routes } from './server.ts'
import type { Supervisor } from './supervisor.ts'
import type { DatabaseReader } from './system/database.ts'
import type { HostReader } from './system/functions.ts'
import type { QueueCounts } from './system/queueCounts.ts'
import type { QueueReader } from './system/queues.ts'
import { type Tally, tallyOf } from './tally.ts'
import type { Telemetry } from './telemetry.ts'

/** `GET /api/live`, which the page asks for each second. What cannot be had is null. */
export interface Live {
  parts: PartState[] | null
  queues: QueueCounts[] | null
  ways: Record<Way, { passed: number; failed: number }>
  faults: FaultName[]
  customers: Customers['state']
  tally: Tally | null
  /** Why there is no tally. */
  uncounted: string | null
  /** From when on orders are counted. */
  since: string
}

export interface System {
  telemetry: Telemetry
  supervisor: Supervisor
  database: DatabaseReader
  queues: QueueReader
  host: HostReader
  /** Address of the API, without a slash at the end. */
  api: string
  /** The makeline's queue. */
  ordersQueue: string
}

export function apiRoutes(system: System): Routes {
  const { telemetry, supervisor, database, queues, host, ordersQueue } = system
  const faults = new Faults(supervisor)
  const customers = new Customers(system.api)
  const journeys = new Journeys((id) => telemetry.spansOf(id))
  telemetry.onSpans((spans) => journeys.add(spans))
  let since = new Date()

  async function tally(): Promise<Tally> {
    const lookedAt = new Date().toISOString()
    // The queue first: what leaves it meanwhile is found in the database as made.
    const [told, failed, dead] = await Promise.all([
      queues.ordersIn(ordersQueue),
      queues.ordersIn(`${ordersQueue}-failed`),
      queues.ordersIn(ordersQueue, 'deadLetter'),
    ])
    const answered = new Set(customers.answered)
    return tallyOf({
      orders: await database.ordersSince(since),
      customers: customers.names,
      answered,
      told: told.ids,
      toldAll: told.areAll,
      lookedAt,
      deadLettered: new Set([...failed.ids, ...dead.ids]),
    })
  }

  /** One look for all pages that are open. */
  const look = shared(1_000, async (): Promise<Omit<Live, 'faults' | 'customers' | 'since' | 'ways'>> => {
    const [parts, counts, orders] = await Promise.all([
      supervisor.parts().catch(() => null),
      queues.queues().catch(() => null),
      tally().then(
        (tally) => ({ tally, uncounted: null }),
        (error: Error) => ({ tally: null, uncounted: error.message }),
      ),
    ])
    return { parts, queues: counts, ...orders }
  })

  return {
    'GET /api/live': async (_, __, query): Promise<Live> => {
      const page = pageOf(query)
      if (page) faults.heard(page, query.has('seen'))
      const seen = await look()
      return {
        ...seen,
        ways: journeys.counts,
        faults: faults.on,
        customers: customers.state,
        since: since.toISOString(),
      }
    },
    'GET /api/queues/*': async (name) => ({
      messages: await queues.messages(name),
      deadLetters: await queues.messages(name, 'deadLetter'),
    }),
    'GET /api/containers': async () => ({ containers: await database.containers() }),
    'GET /api/containers/*': (name, _, query) => database.documents(name, query.get('search')?.trim() ?? ''),
    'GET /api/functions': async () => ({
      functions: await host.functions(),
      parts: await supervisor.parts(),
    }),
    'POST /api/timers/*': (name) => host.run(name),
    'DELETE /api/pages/*': (page) => faults.left(page),
    'POST /api/faults/*': async (name, request, query) => {
      const { on } = await bodyOf<{ on?: unknown }>(request)
      if (name === 'kill-host') return supervisor.crash('host')
      if (!isFault(name)) throw new HttpError(404, `There is no fault "${name}".`)
      if (typeof on !== 'boolean') throw new HttpError(400, 'The body says {"on": true} or {"on": false}.')
      await faults.set(name, on)
      faults.heard(pageOf(query), query.has('seen'))
    },
    'DELETE /api/faults': () => faults.clear(),
    'POST /api/orders': async (_, request) => {
      const { count } = await bodyOf<{ count?: unknown }>(request)
      if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > 500)
        throw new HttpError(400, 'The body says {"count": 20}, of 1 to 500.')
      customers.place(Number(count))
    },
    'DELETE /api/tally': () => {
      customers.forget()
      since = new Date()
    },
  }
}

async function bodyOf<T>(request: IncomingMessage): Promise<T> {
  const text = (await readBody(request, 10_000)).toString()
  try {
    return (text ? JSON.parse(text) : {}) as T
  } catch {
    throw new HttpError(400, 'The body is no JSON.')
  }
}

/** The name that a page gave itself; empty for a program, which need not tell when it leaves. */
const pageOf = (query: URLSearchParams) => query.get('page')?.slice(0, 64) ?? ''

/** Asks at most once in so many milliseconds; who asks meanwhile gets the same answer. */
function shared<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | undefined
  let until = 0
  return () => {
    if (last && Date.now() < until) return last
    until = Number.POSITIVE_INFINITY
    last = ask().finally(() => {
      until = Date.now() + milliseconds * 0.9
    })
    return last
  }
}
