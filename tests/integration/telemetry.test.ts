/**
 * What an app exports by OTLP, read back from a plain receiver: one order is one trace, from the click to its completion.
 * Names and kinds are those of OpenTelemetry's semantic conventions (HTTP, database, Cosmos DB, messaging, FaaS).
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ServiceBusClient } from '@azure/service-bus'
import { createAdminClient } from '@store/contract/admin-client'
import { createClient } from '@store/contract/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { principalHeader } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { type Ingestion, startIngestion } from '../harness/ingestion.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../harness/otlpReceiver.ts'
import { until } from '../harness/until.ts'

const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const token = 'a-token-of-this-test'
const instrumentationKey = randomUUID()
let receiver: OtlpReceiver
let ingestion: Ingestion
let cloud: LocalCloud

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  ingestion = await startIngestion()
  cloud = await ownCloud({
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      METRICS_TOKEN: token,
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=${ingestion.url}`,
      NODE_EXTRA_CA_CERTS: ingestion.certificate,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
      IDENTITY_ENDPOINT: await tokenEndpoint(),
      IDENTITY_HEADER: 'x',
    },
  })
})
afterAll(async () => {
  await receiver.close()
  await ingestion.close()
})

/** The endpoint of tokens that Azure Functions gives an app with a managed identity. */
async function tokenEndpoint(): Promise<string> {
  const server = createServer((_request, response) => {
    const expires = Math.floor(Date.now() / 1_000) + 86_400
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: 'token-1', expires_on: String(expires), token_type: 'Bearer' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`
}

/** A click: the ids that a browser makes. */
function click() {
  const traceId = randomUUID().replaceAll('-', '')
  const spanId = traceId.slice(0, 16)
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } }
}

const customer = (headers: Record<string, string>) => createClient({ baseUrl: cloud.urls.api, headers })
const employee = (headers: Record<string, string>) =>
  createAdminClient({
    baseUrl: cloud.urls.api,
    headers: { 'x-ms-client-principal': principalHeader(['admin']), ...headers },
  })

const spansOf = (traceId: string) => receiver.spans.filter((span) => span.traceId === traceId)

/** The span of that name in a trace, once it has come. */
const spanNamed = (traceId: string, name: string, where: (span: ReceivedSpan) => boolean = () => true) =>
  until(`a span "${name}" in trace ${traceId}`, () =>
    spansOf(traceId).find((span) => span.name === name && where(span)),
  )

const secret = 'Ada Lovelace of Canary Road'

test('one order is one trace: click, request, database, message, makeline, completion', async () => {
  const placing = click()
  const placed = await customer(placing.headers).orders.place(
    { customerId: secret, items: [{ productId: 1, quantity: 2 }] },
    `key-${randomUUID()}`,
  )
  await spanNamed(placing.traceId, 'order pending')
  const completing = click()
  const signedIn = { 'x-ms-client-principal': principalHeader(['admin']), ...completing.headers }
  await customer(signedIn).makeline.setStatus({ orderId: placed.orderId, status: 2 })
  const completion = await spanNamed(placing.traceId, 'order complete')
  const request = await spanNamed(completing.traceId, 'PUT /api/makeline/order')

  const trace = spansOf(placing.traceId)
  const named = (name: string) => {
    const found = trace.filter((span) => span.name === name)
    expect([name, found.length]).toEqual([name, 1])
    return found[0] as ReceivedSpan
  }
  const root = named('POST /api/orders')
  expect(root).toMatchObject({
    kind: kinds.server,
    parentSpanId: placing.spanId,
    service: 'store',
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/api/orders',
      'http.response.status_code': 201,
      'faas.trigger': 'http',
      'faas.name': 'placeOrder',
    },
  })
  const insert = named('create_item orders')
  expect(insert).toMatchObject({
    kind: kinds.client,
    parentSpanId: root.spanId,
    attributes: {
      'db.system.name': 'azure.cosmosdb',
      'db.namespace': 'store',
      'db.collection.name': 'orders',
      'db.operation.name': 'create_item',
      'db.response.status_code': '201',
    },
  })
  expect(insert.attributes['azure.cosmosdb.operation.request_charge']).toBeGreaterThan(1)
  const send = named('send orders')
  expect(send).toMatchObject({
    kind: kinds.producer,
    parentSpanId: root.spanId,
    attributes: {
      'messaging.system.name': 'servicebus',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'orders',
      'messaging.message.id': placed.orderId,
    },
  })
  const process = named('process orders')
  expect(process).toMatchObject({
    kind: kinds.consumer,
    parentSpanId: send.spanId,
    links: [{ traceId: send.traceId, spanId: send.spanId }],
    attributes: {
      'messaging.operation.type': 'process',
      'messaging.message.id': placed.orderId,
      'azure.servicebus.message.delivery_count': 1,
      'store.message.outcome': 'made',
    },
  })
  const pending = named('order pending')
  expect(pending).toMatchObject({
    parentSpanId: process.spanId,
    links: [],
    attributes: { 'store.order.id': placed.orderId, 'store.order.state': 'pending' },
  })
  expect(completion).toMatchObject({
    kind: kinds.internal,
    parentSpanId: root.spanId,
    links: [{ traceId: completing.traceId, spanId: request.spanId }],
    attributes: { 'store.order.id': placed.orderId, 'store.order.state': 'complete' },
  })
  expect(request.links).toEqual([{ traceId: placing.traceId, spanId: root.spanId }])
  expect(request).toMatchObject({ kind: kinds.server, parentSpanId: completing.spanId })
  // Each step is a write of the database, with its cost.
  const patches = trace.filter(({ name }) => name === 'patch_item orders')
  expect(patches.map(({ parentSpanId }) => parentSpanId).sort()).toEqual(
    [pending.spanId, completion.spanId].sort(),
  )
  for (const { attributes } of patches)
    expect(attributes['azure.cosmosdb.operation.request_charge']).toBeGreaterThan(1)

  // Nothing is left hanging: whoever has a parent has it in this trace, but for what the browser began.
  const known = new Set([placing.spanId, ...trace.map(({ spanId }) => spanId)])
  expect(trace.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([])
  // And no other trace tells of the order's way.
  expect(
    receiver.spans.filter(({ name, traceId }) => name === 'process orders' && traceId !== placing.traceId),
  ).toEqual([])
  // A line of the log has the span that it was written in.
  const line = await until('the line of the makeline', () =>
    receiver.logs.find(({ body }) => body.includes(placed.orderId)),
  )
  expect(line).toMatchObject({
    traceId: placing.traceId,
    spanId: process.spanId,
    severityText: 'information',
  })
  expect(line.attributes['faas.name']).toBe('makeOrders')
})

test('a message that is given up, and sent again, stays in the trace of its click, as often as that is', async () => {
  const origin = click()
  const bus = new ServiceBusClient(cloud.settings.ServiceBusConnection ?? '')
  await bus.createSender('orders').sendMessages({
    messageId: 'junk',
    body: Buffer.from('{"orderId":'),
    applicationProperties: { traceparent: origin.headers.traceparent },
  })
  const first = await spanNamed(origin.traceId, 'process orders')
  expect(first).toMatchObject({
    parentSpanId: origin.spanId,
    status: 2,
    attributes: { 'error.type': 'InvalidMessage', 'store.message.outcome': 'rejected' },
  })
  const aside = await spanNamed(origin.traceId, 'send orders-failed')
  expect(aside).toMatchObject({ kind: kinds.producer, parentSpanId: first.spanId })

  const again = click()
  const { makeline } = employee(again.headers)
  const letter = await until('the dead letter', async () =>
    (await makeline.deadLetters()).deadLetters.find(({ messageId }) => messageId === 'junk'),
  )
  await makeline.resubmit(letter.sequenceNumber)
  const resent = await spanNamed(origin.traceId, 'send orders')
  expect(resent).toMatchObject({ kind: kinds.producer, parentSpanId: aside.spanId })
  expect(resent.links.map(({ traceId }) => traceId)).toEqual([again.traceId])
  await spanNamed(origin.traceId, 'process orders', ({ parentSpanId }) => parentSpanId === resent.spanId)
  await bus.close()
})

test('what is counted is exported, and told to Prometheus, to those who may know', async () => {
  const count = (name: string, attributes: Record<string, unknown>) =>
    receiver.metrics
      .get(name)
      ?.points.find((point) =>
        Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
      )
  for (const state of ['placed', 'pending', 'complete'])
    await until(
      `one order ${state}`,
      () => count('store.orders', { 'store.order.state': state })?.value === 1,
    )
  await until('the message that was given up, twice', () => {
    const letters = count('store.dead_letters', { 'store.dead_letter.reason': 'InvalidMessage' })
    return letters?.value === 2
  })
  expect(count('store.order.duration', { 'store.order.state': 'complete' })?.count).toBe(1)
  expect(count('faas.coldstarts', {})?.value).toBe(1)
  const writes = { 'db.operation.name': 'patch_item', 'db.collection.name': 'orders' }
  expect(count('azure.cosmosdb.client.operation.request_charge', writes)).toMatchObject({ count: 2 })
  expect(count('azure.cosmosdb.client.operation.request_charge', writes)?.value).toBeGreaterThan(2)

  const url = `${cloud.urls.api}/api/metrics`
  const scrape = (headers: Record<string, string> = {}) => fetch(url, { headers })
  expect((await scrape()).status).toBe(401)
  expect((await scrape({ authorization: `Bearer ${token}x` })).status).toBe(401)
  expect((await scrape({ 'x-ms-client-principal': principalHeader(['admin']) })).status).toBe(200)
  const answer = await scrape({ authorization: `Bearer ${token}` })
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const text = await answer.text()
  expect(text).toMatch(/^store_orders_total\{store_order_state="complete"\} 1$/m)
  expect(text).toMatch(/^http_server_request_duration_seconds_count\{.*http_route="\/api\/orders".*\} 1$/m)
  expect(text).toMatch(
    /^store_broker_messages\{messaging_destination_name="orders",store_message_state="active"\} \d+$/m,
  )
  expect(text).toMatch(/^store_broker_oldest_message_age_seconds\{messaging_destination_name="orders"\} \d+/m)
  expect(text).toMatch(/^store_database_orders\{store_order_state="pending"\} 0$/m)
  expect(text).toMatch(/^store_source_up\{store_source="database"\} 1$/m)
  // Neither the asking nor what it takes is any trace.
  expect(receiver.spans.filter(({ name }) => /metrics|health/.test(name))).toEqual([])
  expect(
    receiver.spans.filter(({ name, parentSpanId }) => /^(peek|query)/.test(name) && !parentSpanId),
  ).toEqual([])
})

// Microsoft's exporter on the one side; the shapes on the other are those of Application Insights' ingestion: RequestData,
// RemoteDependencyData, MessageData, MetricData (microsoft/ApplicationInsights-Home, EndpointSpecs).
test('Application Insights gets the same trace, in its own terms', async () => {
  const placing = click()
  const placed = await customer(placing.headers).orders.place(
    { customerId: secret, items: [{ productId: 1, quantity: 1 }] },
    `key-${randomUUID()}`,
  )
  const ofTrace = () => ingestion.envelopes.filter(({ tags }) => tags['ai.operation.id'] === placing.traceId)
  const item = (type: string, name: string) =>
    until(`${type} "${name}"`, () =>
      ofTrace().find(
        ({ data }) => data.baseType === type && (data.baseData.name ?? data.baseData.message) === name,
      ),
    )
  const request = await item('RequestData', 'POST /api/orders')
  expect(request.iKey).toBe(instrumentationKey)
  // By the app's identity, and without it nothing.
  expect([...ingestion.authorizations]).toEqual(['Bearer token-1'])
  expect(request.tags).toMatchObject({ 'ai.cloud.role': 'store', 'ai.operation.parentId': placing.spanId })
  expect(request.data.baseData).toMatchObject({ success: true, responseCode: '201' })
  const insert = await item('RemoteDependencyData', 'create_item orders')
  expect(insert.tags['ai.operation.parentId']).toBe(request.data.baseData.id)
  expect(insert.data.baseData).toMatchObject({ success: true, type: 'azure.cosmosdb' })
  expect(Number(insert.data.baseData.properties['azure.cosmosdb.operation.request_charge'])).toBeGreaterThan(
    1,
  )
  const send = await item('RemoteDependencyData', 'send orders')
  const made = await item('RequestData', 'process orders')
  expect(made.tags).toMatchObject({
    'ai.operation.parentId': send.data.baseData.id,
    'ai.operation.name': 'process orders',
  })
  expect(made.data.baseData.properties['store.message.outcome']).toBe('made')
  const step = await item('RemoteDependencyData', 'order pending')
  expect(step.tags['ai.operation.parentId']).toBe(made.data.baseData.id)
  const line = await until('the line of the makeline', () =>
    ofTrace().find(
      ({ data }) => data.baseType === 'MessageData' && data.baseData.message.includes(placed.orderId),
    ),
  )
  expect(line.tags['ai.operation.parentId']).toBe(made.data.baseData.id)
  // It adds up what it is told, so it is told what came since the last time.
  const placedOrders = () =>
    ingestion.envelopes
      .filter(({ data }) => data.baseType === 'MetricData')
      .flatMap(({ data }) =>
        data.baseData.metrics
          .filter(({ name }: { name: string }) => name === 'store.orders')
          .filter(() => data.baseData.properties['store.order.state'] === 'placed')
          .map(({ value }: { value: number }) => value),
      )
  await until('both orders', () => placedOrders().reduce((sum, value) => sum + value, 0) === 2)
})

test('nothing that is exported names a customer, a key or what was searched for', async () => {
  const { headers, traceId } = click()
  await fetch(`${cloud.urls.api}/api/products?search=${encodeURIComponent(secret)}`, { headers })
  await fetch(`${cloud.urls.api}/api/orders/${encodeURIComponent(secret)}`, { headers })
  await fetch(`${cloud.urls.api}/api/${encodeURIComponent(secret)}`, { headers })
  await spanNamed(traceId, 'GET /api/{*path}')
  await spanNamed(traceId, 'GET /api/orders/{orderId}')
  const exported = `${receiver.bodies.join('\n')}${JSON.stringify(ingestion.envelopes)}`
  // Not by the words themselves, which a failing test would write out at length.
  expect(exported.includes('create_item orders')).toBe(true)
  expect(exported.match(/Lovelace|Canary|a-token-of|idempotency|key-[0-9a-f]{8}-/gi)).toBeNull()
  expect(exported.includes(principalHeader(['admin']))).toBe(false)
})

test('a collector that is away costs its telemetry and nothing else', async () => {
  await receiver.close()
  const { orders, makeline } = customer({ 'x-ms-client-principal': principalHeader(['admin']) })
  const placed = await orders.place(
    { customerId: 'c1', items: [{ productId: 1, quantity: 1 }] },
    randomUUID(),
  )
  await until('the order is made', async () =>
    (await makeline.fetch()).some(({ orderId }) => orderId === placed.orderId),
  )
  await orders.track(placed.orderId)
  expect(Object.keys(cloud.pids)).toContain('host')
})
