/**
 * What an app exports by OTLP, read back from a plain receiver: one order is one trace, from the click to its completion.
 * Names and kinds are those of OpenTelemetry's semantic conventions (HTTP, database, Cosmos DB, messaging, FaaS).
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { ServiceBusClient } from '@azure/service-bus'
import { createAdminClient } from '@store/contract/admin-client'
import { createClient } from '@store/contract/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { type CosmosProxy, startCosmosProxy } from '../faults/cosmosProxy.ts'
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
let proxy: CosmosProxy

beforeAll(async () => {
  proxy = await startCosmosProxy()
  receiver = await startOtlpReceiver()
  ingestion = await startIngestion()
  const { Values: sample } = JSON.parse(
    await readFile(new URL('../../local.settings.sample.json', import.meta.url), 'utf8'),
  ) as { Values: Record<string, string> }
  cloud = await ownCloud({
    parts: ['host', 'service-bus', 'cosmos', 'blob', 'openai'],
    settings: {
      OPENAI_API_KEY: 'sk-of-this-test',
      CosmosConnection: (sample.CosmosConnection ?? '').replace('localhost:8081', `127.0.0.1:${proxy.port}`),
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
  proxy.target = cloud.ports.cosmos
})
afterAll(async () => {
  await proxy.close()
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
      'messaging.system.name': 'azure.servicebus',
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
  expect(count('messaging.process.duration', { 'error.type': 'InvalidMessage' })?.count).toBe(2)
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
  // What a page measured is an event, which the conventions give no text.
  const vital = {
    name: 'LCP',
    value: 900,
    delta: 900,
    id: 'v6-1800000000000-1234567890123',
    rating: 'good',
    page: '/cart',
  }
  const report = { app: 'web-store', sentAt: Date.now(), spans: [], vitals: [vital] }
  const told = await fetch(`${cloud.urls.api}/api/rum`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(report),
  })
  expect(told.status).toBe(204)
  const event = await until('the event', () =>
    ingestion.envelopes.find(({ data }) => data.baseType === 'EventData'),
  )
  expect(event.tags['ai.cloud.role']).toBe('web-store')
  expect(event.data.baseData).toMatchObject({
    name: 'browser.web_vital',
    properties: {
      'browser.web_vital.name': 'lcp',
      'browser.web_vital.value': '900',
      'url.template': '/cart',
    },
  })
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

test('an order that is retried, given up and sent again stays in the trace of its click', async () => {
  const placing = click()
  const processed = (outcome: string) =>
    spanNamed(
      placing.traceId,
      'process orders',
      ({ attributes }) => attributes['store.message.outcome'] === outcome,
    )
  // The database takes orders and no steps of them: the message is to come again.
  proxy.about = 'patch'
  proxy.fault = 'unavailable'
  const { orderId } = await customer(placing.headers).orders.place(
    { customerId: secret, items: [{ productId: 1, quantity: 1 }] },
    `key-${randomUUID()}`,
  )
  const retried = await processed('retried')
  expect(retried).toMatchObject({ status: 2, attributes: { 'error.type': '503' } })
  // When it does, the order is not there: it is given up.
  const [, endpoint = '', key = ''] =
    /AccountEndpoint=(.+?);AccountKey=(.+?);/.exec(cloud.settings.CosmosConnection ?? '') ?? []
  const database = new CosmosClient({ endpoint, key })
  const orders = database.database('store').container('orders')
  const { resource: order } = await orders.item(orderId, orderId).read()
  await orders.item(orderId, orderId).delete()
  proxy.fault = undefined
  expect(await processed('rejected')).toMatchObject({ attributes: { 'error.type': 'OrderNotFound' } })
  // It is back, and an employee sends the message once more.
  await orders.items.create(order)
  database.dispose()
  const again = click()
  const { makeline } = employee(again.headers)
  const letter = await until('the dead letter', async () =>
    (await makeline.deadLetters()).deadLetters.find((letter) => letter.orderId === orderId),
  )
  await makeline.resubmit(letter.sequenceNumber)
  const pending = await spanNamed(placing.traceId, 'order pending')
  await processed('made')

  const trace = spansOf(placing.traceId)
  const way = []
  let at: ReceivedSpan | undefined = pending
  for (; at; at = trace.find(({ spanId }) => spanId === at?.parentSpanId)) way.push(at)
  expect(way.map(({ name }) => name).reverse()).toEqual([
    'POST /api/orders',
    'send orders',
    'process orders',
    'send orders',
    'process orders',
    'send orders-failed',
    'send orders',
    'process orders',
    'order pending',
  ])
  expect(way.at(-1)?.parentSpanId).toBe(placing.spanId)
  // Each processing is linked to the message that it is of, and the employee's sending to the employee's request.
  for (const { name, parentSpanId, links } of way)
    if (name === 'process orders') expect(links.map(({ spanId }) => spanId)).toEqual([parentSpanId])
  expect(way[2]?.links.map(({ traceId }) => traceId)).toEqual([again.traceId])
})

// Attributes by OpenTelemetry's conventions for generative AI; Blob Storage has none of its own, and takes Azure's.
test('a model call and a picture are in the trace of their request, with what they cost and without what was said', async () => {
  const drawing = click()
  const ai = employee(drawing.headers).ai
  const { image } = await ai.image({ name: secret, description: secret })
  await ai.describe({ name: secret, tags: [secret] }, () => {})
  const described = await spanNamed(drawing.traceId, 'POST /api/ai/generate/description')
  const drawn = await spanNamed(drawing.traceId, 'POST /api/ai/generate/image')
  const chat = await until('the chat', () =>
    spansOf(drawing.traceId).find(({ attributes }) => attributes['gen_ai.operation.name'] === 'chat'),
  )
  const model = chat.attributes['gen_ai.request.model']
  expect(chat).toMatchObject({
    name: `chat ${model}`,
    kind: kinds.client,
    parentSpanId: described.spanId,
    attributes: {
      'gen_ai.provider.name': 'openai',
      'gen_ai.output.type': 'text',
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
    },
  })
  expect(model).toMatch(/\w/)
  const painting = spansOf(drawing.traceId).find(
    ({ attributes }) => attributes['gen_ai.operation.name'] === 'generate_content',
  )
  expect(painting).toMatchObject({
    kind: kinds.client,
    parentSpanId: drawn.spanId,
    attributes: { 'gen_ai.output.type': 'image', 'gen_ai.usage.output_tokens': 1 },
  })
  expect(await spanNamed(drawing.traceId, 'put_blob product-images')).toMatchObject({
    kind: kinds.client,
    parentSpanId: drawn.spanId,
    status: 0,
    attributes: {
      'azure.resource_provider.namespace': 'Microsoft.Storage',
      'store.blob.operation': 'put_blob',
      'store.blob.container': 'product-images',
    },
  })

  // A picture that is not there is an answer, and no failure.
  const looking = click()
  await fetch(`${cloud.urls.api}${image}`, { headers: looking.headers })
  await fetch(`${cloud.urls.api}/api/products/images/${'0'.repeat(64)}.png`, { headers: looking.headers })
  await until(
    'both looks',
    () => spansOf(looking.traceId).filter(({ kind }) => kind === kinds.server).length === 2,
  )
  const looks = spansOf(looking.traceId).filter(({ name }) => name === 'get_blob product-images')
  expect(looks.map(({ status }) => status)).toEqual([0, 0])

  // What the provider refuses is a failure of the call, by its code.
  await fetch(`${cloud.urls.openai}/stand-in/failures`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'refuse-image' }),
  })
  const refusing = click()
  await employee(refusing.headers)
    .ai.image({ name: secret, description: secret })
    .catch(() => {})
  const request = await spanNamed(refusing.traceId, 'POST /api/ai/generate/image')
  expect(request.attributes['http.response.status_code']).toBe(422)
  const refused = spansOf(refusing.traceId).find(({ kind }) => kind === kinds.client)
  expect(refused).toMatchObject({
    parentSpanId: request.spanId,
    status: 2,
    attributes: { 'error.type': '400' },
  })
})

// More of them, and what waits in memory at the most: functions/platform/telemetry/sdk.test.ts.
test('of fifty orders, twenty at a time, no span is lost to a collector that answers when all are made', async () => {
  const answer = Promise.withResolvers<void>()
  receiver.held = answer.promise
  const clicks = Array.from({ length: 50 }, click)
  const left = [...clicks]
  const customers = Array.from({ length: 20 }, async () => {
    for (let next = left.pop(); next; next = left.pop())
      await customer(next.headers).orders.place(
        { customerId: secret, items: [{ productId: 2, quantity: 1 }] },
        `key-${randomUUID()}`,
      )
  })
  await Promise.all(customers)
  // The other destination is told meanwhile.
  const made = () =>
    ingestion.envelopes.flatMap(({ tags, data }) =>
      data.baseData.name === 'order pending' ? [tags['ai.operation.id']] : [],
    )
  await until('all of them to be made', () => clicks.every(({ traceId }) => made().includes(traceId)))
  answer.resolve()
  const names = ['POST /api/orders', 'create_item orders', 'order pending', 'patch_item orders']
  const whole = [...names, 'process orders', 'send orders']
  const ofOrder = (traceId: string) => spansOf(traceId).filter(({ name }) => !/products|secrets/.test(name))
  await until('the spans of all orders', () =>
    clicks.every(({ traceId }) => ofOrder(traceId).length >= whole.length),
  )
  for (const { traceId } of clicks)
    expect(
      ofOrder(traceId)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(whole)
  const ids = receiver.spans.map(({ spanId }) => spanId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('nothing that is exported names a customer, a key or what was searched for', async () => {
  const { headers, traceId } = click()
  await fetch(`${cloud.urls.api}/api/products?search=${encodeURIComponent(secret)}`, { headers })
  await fetch(`${cloud.urls.api}/api/orders/${encodeURIComponent(secret)}`, { headers })
  await fetch(`${cloud.urls.api}/api/${encodeURIComponent(secret)}`, { headers })
  // A database that fails is told of in the log, with its error.
  proxy.about = 'create'
  proxy.fault = 'unavailable'
  const failing = click()
  const placing = customer(failing.headers).orders.place(
    { customerId: secret, items: [{ productId: 1, quantity: 1 }] },
    `key-${randomUUID()}`,
  )
  await expect(placing).rejects.toThrow(/does not answer/)
  proxy.fault = undefined
  const failure = await spanNamed(failing.traceId, 'POST /api/orders')
  expect(failure).toMatchObject({ status: 2, attributes: { 'error.type': '503' } })
  await until('the request that failed to be counted', () =>
    receiver.metrics
      .get('http.server.request.duration')
      ?.points.some(({ attributes }) => attributes['error.type'] === '503'),
  )
  const line = await until('the line of the failure', () =>
    receiver.logs.find(({ traceId }) => traceId === failing.traceId),
  )
  expect(line).toMatchObject({ severityText: 'error', spanId: failure.spanId })
  await spanNamed(traceId, 'GET /api/{*path}')
  await spanNamed(traceId, 'GET /api/orders/{orderId}')
  const exported = `${receiver.bodies.join('\n')}${JSON.stringify(ingestion.envelopes)}`
  // Not by the words themselves, which a failing test would write out at length.
  expect(exported.includes('create_item orders')).toBe(true)
  expect(exported.match(/Lovelace|Canary|a-token-of|idempotency|key-[0-9a-f]{8}-/gi)).toBeNull()
  expect(exported.includes(principalHeader(['admin']))).toBe(false)
  // But for that of Application Insights, which names where all this goes.
  const keys = Object.values(cloud.settings).flatMap(
    (value) => value?.match(/(?<=AccessKey=|AccountKey=)[^;]{8,}/gi) ?? [],
  )
  expect(keys.length).toBeGreaterThan(1)
  for (const key of [...keys, cloud.settings.OPENAI_API_KEY ?? '']) {
    expect(key).toMatch(/./)
    expect(exported.includes(key)).toBe(false)
  }
})

// The names that OpenTelemetry's package of its conventions has, without those that it calls deprecated.
test('every attribute has a name of the conventions, or one of the store', async () => {
  const require = createRequire(import.meta.url)
  const types = require.resolve('@opentelemetry/semantic-conventions/incubating')
  const declared = ['stable_attributes', 'experimental_attributes']
    .map((name) => readFileSync(join(dirname(types), `${name}.d.mts`), 'utf8'))
    .join('\n')
  const names = (pattern: RegExp) => new Set([...declared.matchAll(pattern)].map(([, name]) => name ?? ''))
  const known = names(/declare const ATTR_\w+: "([^"]+)"/g)
  const deprecated = names(/@deprecated (?:(?!\*\/)[\s\S])*\*\/\s*declare const ATTR_\w+: "([^"]+)"/g)
  expect([known.size > 800, deprecated.has('messaging.system'), deprecated.has('url.path')]).toEqual([
    true,
    true,
    false,
  ])
  const points = [...receiver.metrics.values()].flatMap(({ points }) => points)
  const used = new Set(
    [...receiver.spans, ...receiver.logs, ...points].flatMap(({ attributes }) => Object.keys(attributes)),
  )
  expect(used.size).toBeGreaterThan(30)
  const strange = [...used].filter(
    // Those for generative AI have moved to conventions of their own, under the same names.
    (name) => !known.has(name) || (deprecated.has(name) && !name.startsWith('gen_ai.')),
  )
  expect(strange.filter((name) => !name.startsWith('store.')).sort()).toEqual(['messaging.system'])
})

// Those that the conventions require of each: HTTP, database, messaging, generative AI, FaaS.
test.each([
  [
    'http.server.request.duration',
    's',
    ['http.request.method', 'url.scheme', 'http.route', 'http.response.status_code'],
  ],
  ['db.client.operation.duration', 's', ['db.system.name', 'db.operation.name', 'db.collection.name']],
  [
    'azure.cosmosdb.client.operation.request_charge',
    '{request_unit}',
    ['db.operation.name', 'db.collection.name'],
  ],
  ['messaging.client.operation.duration', 's', ['messaging.operation.name', 'messaging.system.name']],
  ['messaging.client.sent.messages', '{message}', ['messaging.operation.name', 'messaging.system.name']],
  ['messaging.client.consumed.messages', '{message}', ['messaging.operation.name', 'messaging.system.name']],
  ['messaging.process.duration', 's', ['messaging.operation.name', 'messaging.system.name']],
  ['gen_ai.client.operation.duration', 's', ['gen_ai.operation.name', 'gen_ai.provider.name']],
  [
    'gen_ai.client.token.usage',
    '{token}',
    ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.token.type'],
  ],
  ['faas.init_duration', 's', ['faas.trigger']],
])('the metric %s is in %s and has what it has to', (name, unit, attributes) => {
  const metric = receiver.metrics.get(name)
  expect(metric?.unit).toBe(unit)
  expect(metric?.points.length).toBeGreaterThan(0)
  for (const point of metric?.points ?? [])
    expect(Object.keys(point.attributes)).toEqual(expect.arrayContaining(attributes))
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
