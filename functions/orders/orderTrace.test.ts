/** The trace of an order, as an exporter gets it: one trace tells the order's life, whoever moved it. */
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { useRecordedSpans } from '../../tests/recordedSpans.ts'
import { contextOf, inSpan } from '../platform/telemetry/tracing.ts'
import { beginStep } from './orderTrace.ts'

const exporter = useRecordedSpans()
const spans = () => exporter.getFinishedSpans()

const placed = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = `00-${placed.traceId}-${placed.spanId}-01`

/** Takes a step of an order in a request, as the store does; the database is asked within it. */
async function step(document: object | null, parent = ROOT_CONTEXT) {
  await inSpan('request', { parent }, async () => {
    const recorded = beginStep('pending')
    if (document)
      await context.with(recorded.contextOf(document), () => inSpan('database', {}, async () => {}))
    recorded.end()
  })
  const byName = (name: string) => spans().find((span) => span.name === name)
  return { request: byName('request'), order: byName('order pending'), database: byName('database') }
}

test('a step that an employee takes is in the trace of the order, and linked with the request both ways', async () => {
  const { request, order, database } = await step({ id: 'o', traceparent })
  expect(order?.spanContext().traceId).toBe(placed.traceId)
  expect(order?.parentSpanContext?.spanId).toBe(placed.spanId)
  expect(order?.attributes).toEqual({ 'store.order.id': 'o', 'store.order.state': 'pending' })
  expect(order?.links.map((link) => link.context.traceId)).toEqual([request?.spanContext().traceId])
  expect(request?.links.map((link) => link.context.traceId)).toEqual([placed.traceId])
  expect(request?.spanContext().traceId).not.toBe(placed.traceId)
  expect(database?.parentSpanContext?.spanId).toBe(order?.spanContext().spanId)
})

test.each([
  ['in the trace of the order itself', { id: 'o', traceparent }, contextOf(traceparent)],
  ['of an order without a trace', { id: 'o' }, undefined],
])('a step %s is one of its request, and linked with nothing', async (_, document, parent) => {
  const { request, order } = await step(document, parent)
  expect(order?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect([order?.links, request?.links]).toEqual([[], []])
})

test('a step outside of any trace has one of its own', () => {
  const recorded = beginStep('complete')
  expect(trace.getSpanContext(recorded.contextOf({ id: 'o' }))).toBeDefined()
  recorded.end()
  expect(spans().map(({ name }) => name)).toEqual(['order complete'])
})

test('a step that was not taken is in no trace', async () => {
  const { request, order } = await step(null)
  expect(request).toBeDefined()
  expect(order).toBeUndefined()
})
