/**
 * The table of contents: every trigger of the app, and the role that registers it. An instance has the roles that the
 * setting `ROLES` names: all of them on a laptop, a part in Azure and on AKS (see `platform/config.ts`).
 */
import { app, type HttpHandler, type HttpMethod } from '@azure/functions'
import { aliases } from '@store/contract/aliases'
import * as ai from './ai/ai.functions.ts'
import { aiSettings } from './ai/settings.ts'
import { getTuningDataset } from './ai/tuningDataset.functions.ts'
import * as analytics from './analytics/analytics.functions.ts'
import * as makeline from './makeline/makeline.functions.ts'
import { metrics } from './makeline/metrics.functions.ts'
import { waiting } from './makeline/waiting.ts'
import * as orders from './orders/orders.functions.ts'
import { config } from './platform/config.ts'
import { watchConnections } from './platform/disconnect.ts'
import { groupRoles } from './platform/groupRoles.functions.ts'
import { health } from './platform/health.functions.ts'
import { unknownRoute } from './platform/http.ts'
import { describeApi } from './platform/openApi.functions.ts'
import { recordPage } from './platform/rum.functions.ts'
import { notFollowed } from './platform/telemetry/settings.ts'
import { exportLog, startTelemetry, stopTelemetry } from './platform/telemetry/start.ts'
import { getPicture, uploadPicture } from './products/pictures.functions.ts'
import * as products from './products/products.functions.ts'
import { simulationQueue } from './simulation/simulate.ts'
import { simulate, virtualCustomer, virtualWorker } from './simulation/simulation.functions.ts'

const { roles, ordersQueue, republishSchedule, simulation, telemetry } = config()
const models = aiSettings()

const registered = new Map<string, HttpHandler>()

/** Registers a route. Each has a row in `contract/operations.ts` or `aliases.ts` too, which a test compares. */
function http(name: string, method: HttpMethod, route: string, handler: HttpHandler) {
  registered.set(name, handler)
  // Monitors ask with HEAD; the host leaves the body away.
  const methods: HttpMethod[] = method === 'GET' ? ['GET', 'HEAD'] : [method]
  app.http(name, { methods, route, authLevel: 'anonymous', handler })
}

const { openApi, apiPage } = describeApi(registered)
http('health', 'GET', 'health', health)
http('metrics', 'GET', 'metrics', metrics)
http('openApi', 'GET', 'openapi.json', openApi)
http('apiPage', 'GET', 'docs', apiPage)

if (roles.has('store') || roles.has('admin')) {
  http('listProducts', 'GET', 'products', products.listProducts)
  http('getProduct', 'GET', 'products/{id}', products.getProduct)
  http('getProductByOldRoute', 'GET', 'product/{id}', products.getProduct)
  // Azure tries routes by the names of their functions: this one must come before `getProduct`.
  http('catalogueMetrics', 'GET', 'products/metrics', products.catalogueMetrics)
  http('getPicture', 'GET', 'products/images/{name}', getPicture)
  http('recordPage', 'POST', 'rum', recordPage)
}

if (roles.has('store')) {
  http('placeOrder', 'POST', 'orders', orders.placeOrder)
  http('trackOrder', 'GET', 'orders/{orderId}', orders.trackOrder)
  http('cancelOrder', 'POST', 'orders/{orderId}/cancel', orders.cancelOrder)
}

if (roles.has('admin')) {
  http('createProduct', 'POST', 'product', products.createProduct)
  http('updateProduct', 'PUT', 'product', products.updateProduct)
  http('deleteProduct', 'DELETE', 'product/{id}', products.deleteProduct)
  http('importProducts', 'POST', 'products/import', products.importProducts)
  http('uploadPicture', 'POST', 'products/images', uploadPicture)
  http('getTuningDataset', 'GET', 'ai/tuning/dataset', getTuningDataset)
  http('listOrders', 'GET', 'makeline/orders', orders.listOrders)
  http('fetchOrders', 'GET', 'makeline/order/fetch', makeline.fetchOrders)
  http('getOrder', 'GET', 'makeline/order/{orderId}', makeline.getOrder)
  http('updateOrder', 'PUT', 'makeline/order', makeline.updateOrder)
  http('getSummary', 'GET', 'analytics/summary', analytics.getSummary)
  http('rebuildAnalytics', 'POST', 'analytics/rebuild', analytics.rebuildAnalytics)
  http('getQueueDepth', 'GET', 'makeline/queue', makeline.getQueueDepth)
  http('listDeadLetters', 'GET', 'makeline/dead-letters', makeline.listDeadLetters)
  http('getDeadLetter', 'GET', 'makeline/dead-letters/{sequenceNumber}', makeline.getDeadLetter)
  http(
    'resubmitDeadLetter',
    'POST',
    'makeline/dead-letters/{sequenceNumber}/resubmit',
    makeline.resubmitDeadLetter,
  )
  http('discardDeadLetter', 'DELETE', 'makeline/dead-letters/{sequenceNumber}', makeline.discardDeadLetter)
  http('aiHealth', 'GET', 'ai/health', ai.aiHealth)
  http('aiCapabilities', 'GET', 'ai/capabilities', ai.aiCapabilities)
  http('generateDescription', 'POST', 'ai/generate/description', ai.generateDescription)
  http('generateImage', 'POST', 'ai/generate/image', ai.generateImage)
}

for (const { name, method, route, of } of aliases) {
  const handler = registered.get(of)
  if (handler) http(name, method, route, handler)
}

// The Static Web App asks for it as someone signs in; no client does, so it is no part of the API that is described.
if (roles.has('admin') && config().adminGroups.size) {
  app.http('groupRoles', { methods: ['POST'], route: 'roles', authLevel: 'anonymous', handler: groupRoles })
}

// Answers that are sent while they are made need the host's streaming, which costs every call one more hop: so only here.
if (roles.has('admin') && models) {
  watchConnections()
  app.setup({ enableHttpStream: true })
}

for (const name of notFollowed(process.env))
  console.warn(`The app does not follow ${name}: see docs/telemetry.md`)

if (telemetry) {
  // What waits is told by those who work on it, once, and not by every instance.
  const toExport = async () => (roles.has('makeline') ? waiting() : [])
  app.hook.appStart(() => startTelemetry(telemetry, toExport))
  app.hook.appTerminate(stopTelemetry)
  app.hook.log(exportLog)
  // So told, the host leaves the log of functions to this process, which knows the spans that the lines belong to.
  if (telemetry.hostExports) app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } })
}

// Azure tries routes by the names of their functions: this one must come after all others.
app.http('zUnknownRoute', {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
  route: '{*path}',
  authLevel: 'anonymous',
  handler: unknownRoute,
})

if (roles.has('makeline')) {
  // See `makeline/delivery.ts`. The programming model passes it on; its types do not know it.
  const asBytes = { dataType: 'binary' }
  app.serviceBusQueue('makeOrders', {
    connection: 'ServiceBusConnection',
    queueName: ordersQueue,
    // How many at once: `maxMessageBatchSize` of host.json.
    cardinality: 'many',
    ...asBytes,
    handler: makeline.makeOrders,
  })
  app.serviceBusQueue('collectDeadLetters', {
    connection: 'ServiceBusConnection',
    queueName: `${ordersQueue}/$DeadLetterQueue`,
    ...asBytes,
    handler: makeline.collectDeadLetters,
  })
  app.timer('countOrders', { schedule: '0 2 * * * *', handler: analytics.countOrders })
  app.timer('republishOrders', { schedule: republishSchedule, handler: makeline.republishOrders })
}

if (roles.has('simulation')) {
  const everyMinute = '0 * * * * *'
  if (simulation.customerOrdersPerHour) {
    app.timer('virtualCustomer', { schedule: everyMinute, handler: virtualCustomer })
  }
  if (simulation.workerOrdersPerHour) {
    app.timer('virtualWorker', { schedule: everyMinute, handler: virtualWorker })
  }
  if (simulation.customerOrdersPerHour || simulation.workerOrdersPerHour) {
    app.serviceBusQueue('simulate', {
      connection: 'ServiceBusConnection',
      queueName: simulationQueue(),
      handler: simulate,
    })
  }
}
