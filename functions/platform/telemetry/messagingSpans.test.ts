import type { ServiceBusMessage } from '@azure/service-bus'
import { SpanKind } from '@opentelemetry/api'
import { describe, expect, test } from 'vitest'
import { useRecordedSpans } from '../../../tests/recordedSpans.ts'
import { sendInSpan } from './messagingSpans.ts'
import { counted } from './metrics.ts'
import { contextOf, inSpan, traceparent } from './tracing.ts'

const series = (metric: string) => counted().find(({ name }) => name === metric)?.series ?? []

// Conventions for messaging: what the producer tried to send is counted, with `error.type` if and only if that failed.
test('messages that could not be sent are counted as such', async () => {
  const message = { body: 'x' }
  await sendInSpan('orders', [message], async () => {})
  const failing = sendInSpan('orders', [message, message], async () => {
    throw Object.assign(new Error('away'), { code: 'ServiceTimeout' })
  })
  await expect(failing).rejects.toThrow('away')
  const labels = {
    'messaging.system.name': 'azure.servicebus',
    'messaging.destination.name': 'orders',
    'messaging.operation.name': 'send',
  }
  expect(series('messaging.client.sent.messages')).toEqual([
    { attributes: labels, value: 1 },
    { attributes: { ...labels, 'error.type': 'ServiceTimeout' }, value: 2 },
  ])
  expect(series('messaging.client.operation.duration').map(({ attributes }) => attributes)).toEqual([
    labels,
    { ...labels, 'error.type': 'ServiceTimeout' },
  ])
})

// Conventions for messaging; `Diagnostic-Id` is where Azure's SDKs and the Functions host look for the trace of a message.
describe('messages that are sent', () => {
  const exporter = useRecordedSpans()
  const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)

  const traceOf = (header: unknown) => String(header).slice(3, 35)
  const spanOf = (header: unknown) => String(header).slice(36, 52)
  const clicks = [
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ]
  const message = (messageId?: string, click?: string): ServiceBusMessage => ({
    body: 'x',
    ...(messageId && { messageId }),
    applicationProperties: { attempt: 2, ...(click && { traceparent: click }) },
  })

  /** Sends within a request; answers what went out, and the request's own trace. */
  async function send(messages: ServiceBusMessage[], request?: string) {
    let sent: ServiceBusMessage[] = []
    let trace = ''
    await inSpan('request', { parent: contextOf(request) }, async () => {
      trace = traceparent() ?? ''
      await sendInSpan('orders', messages, async (traced) => {
        sent = traced
      })
    })
    return {
      properties: sent.map(({ applicationProperties }) => applicationProperties ?? {}),
      request: trace,
    }
  }

  test('alone carry the trace of the work that sends them', async () => {
    const { properties, request } = await send([message('m1')])
    const [span] = spans('send orders')
    expect(span).toMatchObject({ kind: SpanKind.PRODUCER, links: [] })
    expect(span?.attributes).toEqual({
      'messaging.system.name': 'azure.servicebus',
      'messaging.system': 'servicebus',
      'messaging.destination.name': 'orders',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.message.id': 'm1',
    })
    expect(span?.parentSpanContext?.spanId).toBe(spanOf(request))
    const [{ traceparent: carried, ...rest } = {}] = properties
    expect([traceOf(carried), spanOf(carried)]).toEqual([traceOf(request), span?.spanContext().spanId])
    expect(rest).toEqual({ attempt: 2, 'Diagnostic-Id': carried })
  })

  test('with a trace of their own stay in that one, and are linked with the work that sends them', async () => {
    const { properties, request } = await send([message('m1', clicks[0])])
    expect(traceOf(properties[0]?.traceparent)).toBe(traceOf(clicks[0]))
    expect(spans('send orders')[0]?.links.map(({ context }) => context.spanId)).toEqual([spanOf(request)])
    exporter.reset()
    await send([message('m1', clicks[0])], clicks[0])
    expect(spans('send orders')[0]?.links).toEqual([])
  })

  test('in a batch each stay in their own trace, and the sending is linked with all of them', async () => {
    const { properties, request } = await send([
      message('m1', clicks[0]),
      message('m2'),
      message('m3', clicks[1]),
    ])
    expect(properties.map(({ traceparent }) => traceOf(traceparent))).toEqual([
      traceOf(clicks[0]),
      traceOf(request),
      traceOf(clicks[1]),
    ])
    const created = spans('create orders')
    expect(created.map(({ attributes }) => attributes['messaging.message.id'])).toEqual(['m1', 'm2', 'm3'])
    expect(created[0]).toMatchObject({
      kind: SpanKind.PRODUCER,
      attributes: { 'messaging.operation.name': 'create', 'messaging.operation.type': 'create' },
    })
    expect(created.map(({ links }) => links.map(({ context }) => context.spanId))).toEqual([
      [spanOf(request)],
      [],
      [spanOf(request)],
    ])
    const [sending] = spans('send orders')
    expect(sending).toMatchObject({ kind: SpanKind.CLIENT })
    expect(sending?.attributes['messaging.batch.message_count']).toBe(3)
    expect(sending?.spanContext().traceId).toBe(traceOf(request))
    expect(sending?.links.map(({ context }) => context.spanId)).toEqual(
      created.map((span) => span.spanContext().spanId),
    )
    expect(properties.map(({ traceparent }) => spanOf(traceparent))).toEqual(
      created.map((span) => span.spanContext().spanId),
    )
  })

  test('in a batch without traces of their own all carry the one of the work', async () => {
    const { properties, request } = await send([message(), message()])
    expect(properties.map(({ traceparent }) => traceOf(traceparent))).toEqual([
      traceOf(request),
      traceOf(request),
    ])
    expect(spans('create orders')).toEqual([])
    expect(spans('send orders')[0]?.attributes['messaging.batch.message_count']).toBe(2)
  })

  test('alone without an id say none', async () => {
    await send([message()])
    expect(spans('send orders')[0]?.attributes).not.toHaveProperty('messaging.message.id')
  })
})
