import { HttpRequest, InvocationContext } from '@azure/functions'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { beforeEach, describe, expect, test, vi } from 'vitest'

const settings = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}

// FaaS conventions: `faas.init_duration` is how long the initialization of a function took.
test('an instance that waits an hour for its first call did not take an hour to start', async () => {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  const { inTimer } = await import('./invocation.ts')
  const { counted } = await import('./metrics.ts')
  const started = performance.now()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(started + 3_600_000)
  const context = new InvocationContext({ functionName: 'countOrders', logHandler: () => {} })
  await inTimer(context, async () => {})
  await inTimer(context, async () => {})
  clock.mockRestore()
  const of = (metric: string) =>
    counted()
      .find(({ name }) => name === metric)
      ?.series.filter(({ value }) => value)
  const [initialised] = of('faas.init_duration') ?? []
  expect(initialised?.attributes).toEqual({ 'faas.trigger': 'timer' })
  expect(initialised?.value).toBeLessThanOrEqual(started / 1_000)
  // Once, however often it is called.
  expect(of('faas.coldstarts')).toEqual([{ attributes: { 'faas.trigger': 'timer' }, value: 1 }])
})

// Semantic conventions for HTTP servers, for messaging and for functions as a service.
describe('an invocation', () => {
  const exporter = new InMemorySpanExporter()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`
  const hosts = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  let app: typeof import('./invocation.ts')
  let counted: typeof import('./metrics.ts').counted

  /** A fresh process, in which the host exports spans of its own or does not. */
  async function start(hostExports = false) {
    vi.resetModules()
    vi.unstubAllEnvs()
    const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:1' }
    for (const [name, value] of Object.entries({ ...settings, ...otlp })) vi.stubEnv(name, value)
    exporter.reset()
    const { recordBy } = await import('./tracing.ts')
    recordBy(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
    const { config } = await import('../config.ts')
    const { telemetry } = config()
    if (telemetry) telemetry.hostExports = hostExports
    app = await import('./invocation.ts')
    ;({ counted } = await import('./metrics.ts'))
  }
  beforeEach(() => start())

  const span = () => exporter.getFinishedSpans().at(-1)
  const labels = (metric: string) =>
    counted()
      .find(({ name }) => name === metric)
      ?.series.filter(({ value }) => value)
      .map(({ attributes }) => attributes)
  const invocation = (route?: string) =>
    new InvocationContext({
      functionName: 'f',
      invocationId: 'i1',
      traceContext: { traceParent: hosts },
      options: {
        trigger: { type: 'httpTrigger', name: 'r', ...(route && { route }) },
        extraInputs: [],
        extraOutputs: [],
      },
      logHandler: () => {},
    })
  const request = (params: Record<string, string> = {}, url = 'https://shop.example/api/orders/x') =>
    new HttpRequest({ method: 'get', url, params, headers: { traceparent } } as never)
  const ask = (status?: number, params?: Record<string, string>, route = 'orders/{orderId}', url?: string) =>
    app.inRequest(request(params, url), invocation(route), async () =>
      status === undefined ? {} : { status },
    )

  test('of a request is a span of its caller, and counted by its route', async () => {
    await ask(201, { orderId: 'o-1' })
    expect(span()).toMatchObject({ name: 'GET /api/orders/{orderId}', kind: SpanKind.SERVER })
    expect(span()?.spanContext().traceId).toBe(traceId)
    expect(span()?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.route': '/api/orders/{orderId}',
      'url.scheme': 'https',
      'url.path': '/api/orders/o-1',
      'http.response.status_code': 201,
      'faas.trigger': 'http',
      'faas.name': 'f',
      'faas.invocation.id': 'i1',
      'faas.coldstart': true,
    })
    expect(labels('http.server.request.duration')).toEqual([
      {
        'http.request.method': 'GET',
        'http.route': '/api/orders/{orderId}',
        'http.response.status_code': 201,
        'url.scheme': 'https',
      },
    ])
    await ask(undefined, {}, 'health', 'http://localhost/api/health')
    expect(span()?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'url.path': '/api/health',
      'faas.coldstart': false,
    })
  })

  test('has failed when the fault is ours, and not when it is the caller’s', async () => {
    for (const [status, failed] of [
      [500, true],
      [503, true],
      [499, false],
    ] as const) {
      await ask(status)
      expect(span()?.status.code, String(status)).toBe(failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET)
      expect(span()?.attributes['error.type']).toBe(failed ? String(status) : undefined)
      expect(labels('http.server.request.duration')?.at(-1)?.['error.type']).toBe(
        failed ? String(status) : undefined,
      )
    }
  })

  test.each([
    [
      'an id',
      { orderId: '019b76da-a800-7000-8000-000000000000' },
      '/api/orders/019b76da-a800-7000-8000-000000000000',
    ],
    ['the name of a file', { orderId: 'rope.svg' }, '/api/orders/rope.svg'],
    ['what a stranger wrote', { orderId: 'ann@shop.example' }, '/api/orders/{orderId}'],
    ['something long', { orderId: 'x'.repeat(81) }, '/api/orders/{orderId}'],
    ['something after an id', { orderId: 'x y' }, '/api/orders/{orderId}'],
    ['something before an id', { orderId: ' x' }, '/api/orders/{orderId}'],
    ['another ending', { orderId: 'a.123456' }, '/api/orders/{orderId}'],
    ['nothing', {}, '/api/orders/{orderId}'],
  ])('keeps of a path no more than an id: %s', async (_, params, path) => {
    await ask(200, params as Record<string, string>)
    expect(span()?.attributes['url.path']).toBe(path)
  })

  test('keeps nothing of what no route takes, and goes by its name where it has no route', async () => {
    await ask(404, {}, '{*path}')
    expect(span()?.attributes).not.toHaveProperty('url.path')
    await app.inRequest(request(), invocation(), async () => ({}))
    expect(span()?.name).toBe('GET /api/f')
  })

  test('is inside of the span that the host exports, where it does', async () => {
    await start(true)
    await ask(200)
    expect(span()).toMatchObject({ kind: SpanKind.INTERNAL })
    expect(span()?.parentSpanContext?.spanId).toBe('00f067aa0ba902b7')
    await app.inTimer(invocation(), async () => {})
    expect(span()?.spanContext().traceId).toBe(hosts.slice(3, 35))
  })

  test('of a timer is a trace of its own, and known to the work in it', async () => {
    const own = invocation()
    expect(await app.inTimer(own, async () => app.currentInvocation())).toBe(own)
    expect(app.currentInvocation()).toBeUndefined()
    expect(span()).toMatchObject({ name: 'f', kind: SpanKind.SERVER, parentSpanContext: undefined })
    expect(span()?.attributes).toMatchObject({ 'faas.trigger': 'timer' })
  })

  describe('of a message', () => {
    const message = { queue: 'orders', id: 'x'.repeat(200), traceparent, deliveryCount: 3, joins: true }
    const processing = {
      'messaging.system.name': 'azure.servicebus',
      'messaging.destination.name': 'orders',
      'messaging.operation.name': 'process',
    }

    test('is in the trace of the message and linked with it; or begins one, and is linked all the same', async () => {
      await app.inMessage(message, invocation(), async () => {})
      expect(span()).toMatchObject({ name: 'process orders', kind: SpanKind.CONSUMER })
      expect(span()?.spanContext().traceId).toBe(traceId)
      expect(span()?.attributes).toMatchObject({
        ...processing,
        'messaging.operation.type': 'process',
        'messaging.message.id': 'x'.repeat(128),
        'azure.servicebus.message.delivery_count': 3,
        'faas.trigger': 'pubsub',
      })
      await app.inMessage({ queue: 'orders', traceparent, joins: false }, invocation(), async () => {})
      expect(span()?.spanContext().traceId).not.toBe(traceId)
      expect(span()?.links.map(({ context }) => context.traceId)).toEqual([traceId])
      expect(span()?.attributes).not.toHaveProperty('messaging.message.id')
      expect(span()?.attributes).not.toHaveProperty('azure.servicebus.message.delivery_count')
      expect(labels('messaging.client.consumed.messages')).toEqual([processing])
    })

    test('has failed when it throws, and when it says so', async () => {
      const throwing = app.inMessage(message, invocation(), async () => {
        throw Object.assign(new Error('x'), { code: 'AWAY' })
      })
      await expect(throwing).rejects.toThrow('x')
      expect(span()?.attributes['error.type']).toBe('AWAY')
      await app.inMessage(message, invocation(), async (_, failed) => failed({ code: 'InvalidMessage' }))
      expect(span()).toMatchObject({
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'error.type': 'InvalidMessage' },
      })
      expect(labels('messaging.process.duration')).toEqual([
        { ...processing, 'error.type': 'AWAY' },
        { ...processing, 'error.type': 'InvalidMessage' },
      ])
    })
  })
})
