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

/** How often each way was gone since the console started, and how often that failed. */
export class Journeys {
  readonly #counts = new Map<Way, { passed: number; failed: number }>(
    ways.map((way) => [way, { passed: 0, failed: 0 }]),
  )

  /** `traceOf`: all spans of a trace that are known. */
  add(spans: readonly Span[], traceOf: (id: string) => readonly Span[]): void {
    for (const span of spans) {
      const way = wayOf(span, ancestorsOf(span, traceOf(span.traceId)))
      const count = way && this.#counts.get(way)
      if (!count) continue
      count.passed++
      if (span.status === 'error') count.failed++
    }
  }

  get counts(): Record<Way, { passed: number; failed: number }> {
    return Object.fromEntries(this.#counts) as Record<Way, { passed: number; failed: number }>
  }
}

function ancestorsOf(span: Span, trace: readonly Span[]): Span[] {
  const ancestors: Span[] = []
  let parent = span.parentSpanId
  while (parent && ancestors.length < 50) {
    const found = trace.find(({ spanId }) => spanId === parent)
    if (!found) break
    ancestors.push(found)
    // The makeline's work belongs to the click that it goes back to; its own steps are what is inside of the consumer.
    if (found.kind === 'consumer') break
    parent = found.parentSpanId
  }
  return ancestors
}
