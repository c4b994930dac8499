/** Spans as an exporter gets them, and what is passed on where there is none. */
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { beforeEach, describe, expect, test } from 'vitest'
import { useRecordedSpans } from '../../../tests/recordedSpans.ts'
import { ProblemError } from '../problem.ts'
import {
  beginSpan,
  contextOf,
  errorType,
  inSpan,
  isSameTrace,
  link,
  now,
  outsideOfTraces,
  recordBy,
  traceparent,
} from './tracing.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const header = `00-${traceId}-${spanId}-01`
const asked = () => contextOf(header) ?? ROOT_CONTEXT
const second = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'

describe('with an exporter', () => {
  const exporter = useRecordedSpans()
  const spans = () => exporter.getFinishedSpans()

  test('work is a span of the trace that it belongs to, and what it calls is one below it', async () => {
    const answer = await inSpan(
      'outer',
      { parent: asked(), kind: SpanKind.SERVER, attributes: { a: 1 } },
      async (span) => {
        span.setAttribute('b', 2)
        return inSpan('inner', {}, async () => 'answer')
      },
    )
    expect(answer).toBe('answer')
    const [inner, outer] = spans()
    expect(outer).toMatchObject({
      name: 'outer',
      kind: SpanKind.SERVER,
      attributes: { a: 1, b: 2 },
      links: [],
    })
    expect(outer?.spanContext().traceId).toBe(traceId)
    expect(outer?.parentSpanContext?.spanId).toBe(spanId)
    expect(inner).toMatchObject({ name: 'inner', kind: SpanKind.INTERNAL, attributes: {} })
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
    expect(outer?.status.code).toBe(SpanStatusCode.UNSET)
  })

  // Error messages may quote a customer's data.
  test('work that fails is a span that says by which kind of error, and not its words', async () => {
    const failing = inSpan('work', {}, async () => {
      throw new ProblemError(503, 'of ann')
    })
    await expect(failing).rejects.toThrow('of ann')
    expect(spans()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': '503' } },
    ])
    expect(JSON.stringify([spans()[0]?.status, spans()[0]?.attributes, spans()[0]?.events])).not.toContain(
      'ann',
    )
  })

  test('a span begins when it is said to, and is linked to what it comes from', () => {
    const span = beginSpan('late', {
      begin: 1_800_000_000_000,
      links: [undefined, contextOf(second), ROOT_CONTEXT],
    })
    link(span, asked())
    link(span, ROOT_CONTEXT)
    span.end()
    expect(spans()[0]?.startTime[0]).toBe(1_800_000_000)
    expect(spans()[0]?.links.map(({ context }) => context.traceId)).toEqual([second.slice(3, 35), traceId])
  })

  test('of some work nothing is recorded', async () => {
    await context.with(asked(), () => outsideOfTraces(() => inSpan('quiet', {}, async () => {})))
    expect(spans()).toEqual([])
  })
})

describe('without an exporter', () => {
  beforeEach(() => recordBy())

  test('a caller hears of a step of its own in its trace; what stays in the process has none', () => {
    const heard = trace.setSpan(ROOT_CONTEXT, beginSpan('x', { parent: asked(), kind: SpanKind.SERVER }))
    expect(traceparent(heard)).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    expect(traceparent(heard)).not.toContain(spanId)
    for (const kind of [undefined, SpanKind.INTERNAL, SpanKind.CLIENT]) {
      const span = beginSpan('x', { parent: asked(), ...(kind === undefined ? {} : { kind }) })
      expect(traceparent(trace.setSpan(ROOT_CONTEXT, span))).toBe(header)
    }
  })

  test('whether a trace is recorded is passed on as it came; one that begins here is', () => {
    const of = (parent: typeof ROOT_CONTEXT) =>
      traceparent(trace.setSpan(ROOT_CONTEXT, beginSpan('x', { parent, kind: SpanKind.PRODUCER }))) ?? ''
    expect(of(contextOf(second) ?? ROOT_CONTEXT)).toMatch(/-00$/)
    const [one, other] = [of(ROOT_CONTEXT), of(ROOT_CONTEXT)]
    expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(one.slice(3, 35)).not.toBe(other.slice(3, 35))
  })

  test('work knows the trace that it is part of, also after it waited', async () => {
    await inSpan('x', { parent: asked() }, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      expect(traceparent()).toBe(header)
    })
    expect(traceparent()).toBeUndefined()
  })
})

// W3C Trace Context, "traceparent header field values".
test.each([
  undefined,
  7,
  '',
  'x',
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `ff-${traceId}-${spanId}-01`,
])('the header %j names no trace', (text) => expect(contextOf(text)).toBeUndefined())

test('a trace that a header names is of another process, and is told from others', () => {
  expect(trace.getSpanContext(asked())).toMatchObject({ traceId, spanId, isRemote: true })
  expect(isSameTrace(asked(), contextOf(`00-${traceId}-00f067aa0ba902b7-00`) ?? ROOT_CONTEXT)).toBe(true)
  expect(isSameTrace(asked(), contextOf(second) ?? ROOT_CONTEXT)).toBe(false)
  expect(isSameTrace(asked(), ROOT_CONTEXT)).toBe(false)
})

test.each<[unknown, string]>([
  [new ProblemError(404, 'x'), '404'],
  [Object.assign(new Error('x'), { status: 429, code: 'rate' }), '429'],
  [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [Object.assign(new Error('x'), { code: 412 }), '412'],
  [Object.assign(new TypeError('x'), { code: 'not a code' }), 'TypeError'],
  [Object.assign(new Error('x'), { code: 'x'.repeat(51) }), 'Error'],
  [Object.assign(new Error('x'), { status: 'busy', code: 'y'.repeat(50) }), 'y'.repeat(50)],
  [Object.assign(new Error('x'), { name: 'of ann' }), '_OTHER'],
  [{ name: 'x'.repeat(51) }, '_OTHER'],
  ['thrown text', '_OTHER'],
  [null, '_OTHER'],
  [undefined, '_OTHER'],
])('of %j the kind is %j', (error, kind) => expect(errorType(error)).toBe(kind))

test('spans begin by the clock of the day', () => {
  expect(Math.abs(now() - Date.now())).toBeLessThan(60_000)
})
