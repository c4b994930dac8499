/** Which way through the picture of the system a span stands for. */
import type { Span } from './otlp/model.ts'

/** The ways, as FROM>TO. */
export const ways = [
  'store>functions',
  'admin>functions',
  'functions>database',
  'functions>queue',
  'functions>blobs',
  'functions>models',
  'queue>makeline',
  'makeline>database',
  'makeline>queue',
  'makeline>failed',
  'failed>functions',
] as const
export type Way = (typeof ways)[number]

/** Routes of the employees: see `functions/index.ts`. What both web apps ask for counts as the customers'. */
const adminRoute = /^\/api\/(makeline|analytics|ai|order\/)/
const failedQueue = /-failed$|\$DeadLetterQueue$/i

/** The way of a span; undefined: it stays where it is. `ancestors`: the spans that it is a step of, the nearest first. */
export function wayOf({ kind, attributes }: Span, ancestors: readonly Span[]): Way | undefined {
  const route = attributes['http.route']
  const queue = String(attributes['messaging.destination.name'] ?? '')
  const inMakeline = ancestors.some((span) => span.kind === 'consumer')
  if (kind === 'server' && typeof route === 'string') {
    const changes = attributes['http.request.method'] !== 'GET' && !/^\/api\/(orders|rum)/.test(route)
    return adminRoute.test(route) || changes ? 'admin>functions' : 'store>functions'
  }
  if (kind === 'consumer' && queue) return failedQueue.test(queue) ? undefined : 'queue>makeline'
  if (attributes['db.system.name'] === 'azure.cosmosdb')
    return inMakeline ? 'makeline>database' : 'functions>database'
  if (queue && (kind === 'producer' || attributes['messaging.operation.type'] === 'send')) {
    if (failedQueue.test(queue)) return 'makeline>failed'
    return inMakeline ? 'makeline>queue' : 'functions>queue'
  }
  if (failedQueue.test(queue)) return 'failed>functions'
  if (attributes['azure.resource_provider.namespace'] === 'Microsoft.Storage') return 'functions>blobs'
  return attributes['gen_ai.operation.name'] === undefined ? undefined : 'functions>models'
}

/** How long a span waits for those that it is a step of, in milliseconds: they end after it, and may be told of later. */
const patience = 60_000
/** Spans that wait. */
const mostWaiting = 5_000

/** How often each way was gone since the console started, and how often that failed. */
export class Journeys {
  readonly #traceOf: (id: string) => readonly Span[]
  readonly #counts = new Map<Way, { passed: number; failed: number }>(
    ways.map((way) => [way, { passed: 0, failed: 0 }]),
  )
  #waiting: { span: Span; until: number }[] = []

  /** `traceOf`: all spans of a trace that are known. */
  constructor(traceOf: (id: string) => readonly Span[]) {
    this.#traceOf = traceOf
  }

  add(spans: readonly Span[]): void {
    const until = Date.now() + patience
    this.#waiting.push(...spans.map((span) => ({ span, until })))
    this.#settle()
  }

  get counts(): Record<Way, { passed: number; failed: number }> {
    this.#settle()
    return Object.fromEntries(this.#counts) as Record<Way, { passed: number; failed: number }>
  }

  /** Counts what need not wait any more. */
  #settle(): void {
    const now = Date.now()
    const tooMany = this.#waiting.length - mostWaiting
    this.#waiting = this.#waiting.filter(({ span, until }, at) => {
      const { ancestors, areAll } = ancestorsOf(span, this.#traceOf(span.traceId))
      if (!areAll && now < until && at >= tooMany) return true
      this.#count(span, wayOf(span, ancestors))
      return false
    })
  }

  #count({ status }: Span, way: Way | undefined): void {
    const count = way && this.#counts.get(way)
    if (!count) return
    count.passed++
    if (status === 'error') count.failed++
  }
}

/** What began a piece of work: above it is only who asked for it. */
const isEntry = ({ kind }: Span) => kind === 'server' || kind === 'consumer'

function ancestorsOf(span: Span, trace: readonly Span[]): { ancestors: Span[]; areAll: boolean } {
  const ancestors: Span[] = []
  let here = span
  while (here.parentSpanId && !isEntry(here) && ancestors.length < 50) {
    const { parentSpanId } = here
    const parent = trace.find(({ spanId }) => spanId === parentSpanId)
    if (!parent) return { ancestors, areAll: false }
    ancestors.push(parent)
    here = parent
  }
  return { ancestors, areAll: true }
}
