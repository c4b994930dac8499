/**
 * The HTTP surface of the API as one table: what each operation takes and answers. The OpenAPI document is written from
 * it, the tests try every row with bad input, and a test holds it against what the app registers.
 */
import * as z from 'zod'
import {
  AiCapabilities,
  AiHealth,
  DescriptionAnswer,
  DescriptionRequest,
  ImageAnswer,
  ImageRequest,
} from './ai.ts'
import { AnalyticsQuery, AnalyticsSummary } from './analytics.ts'
import { BrowserTelemetry } from './browserTelemetry.ts'
import { Health } from './health.ts'
import { limits } from './limits.ts'
import { DeadLetterDetail, DeadLetters, QueueDepth } from './makeline.ts'
import { NewOrder, Order, OrderListQuery, OrderPage, OrderStatusChange } from './order.ts'
import { NewProduct, Product, ProductImport, ProductQuery, StoredPicture } from './product.ts'
import { TuningDataset } from './tuning.ts'

/** A body or an answer that is not JSON. */
export interface Raw {
  mediaTypes: readonly string[]
}

export type Content = z.ZodType | Raw

export interface Operation {
  /** Name of the function that serves it. */
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/`, with parameters in braces. */
  route: string
  service: 'products' | 'orders' | 'makeline' | 'analytics' | 'ai' | 'platform'
  summary: string
  /** Whether the caller must be signed in with the role `admin`. */
  admin?: true
  query?: z.ZodObject
  /** Request headers that matter. */
  headers?: Record<string, string>
  body?: Content
  /** Largest body in bytes, where it is not `limits.body`. */
  bodyLimit?: number
  /** The success, by status; null is an answer without a body. */
  answers: Record<number, Content | null>
  /** Statuses of the problem documents that it may answer, beside those that every operation of its kind may. */
  problems?: readonly number[]
}

/** The schemas that the OpenAPI document has by name. */
export const namedSchemas = {
  Health,
  Product,
  NewProduct,
  ProductImport,
  StoredPicture,
  NewOrder,
  Order,
  OrderPage,
  OrderStatusChange,
  AiHealth,
  DescriptionRequest,
  DescriptionAnswer,
  ImageRequest,
  ImageAnswer,
}

const ifNoneMatch = { 'if-none-match': 'An ETag; 304 is answered when the thing is still that version.' }
const ifMatch = { 'if-match': 'An ETag; 412 is answered when the thing is not that version any more.' }
const pictures = { mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'] }
/** Not configured, refused by the safety check, too many calls, and what a provider may do. */
const modelProblems = [404, 422, 429, 502, 504]
const text = (mediaType: string): Raw => ({ mediaTypes: [mediaType] })

export const operations: readonly Operation[] = [
  {
    name: 'health',
    method: 'GET',
    route: 'health',
    service: 'platform',
    summary: 'Whether the app runs with right settings',
    answers: { 200: Health },
  },
  {
    name: 'metrics',
    method: 'GET',
    route: 'metrics',
    service: 'platform',
    summary: 'What this instance counted, and what the database and the broker know, for Prometheus',
    admin: true,
    headers: { authorization: 'Bearer and the token of the setting METRICS_TOKEN, in place of a sign-in.' },
    answers: { 200: text('text/plain; version=0.0.4; charset=utf-8') },
  },
  {
    name: 'openApi',
    method: 'GET',
    route: 'openapi.json',
    service: 'platform',
    summary: 'This document',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
  },
  {
    name: 'apiPage',
    method: 'GET',
    route: 'docs',
    service: 'platform',
    summary: 'This document as a page to read',
    answers: { 200: text('text/html') },
  },
  {
    name: 'recordPage',
    method: 'POST',
    route: 'rum',
    service: 'platform',
    summary: 'Tell how a page does in a browser (real user monitoring); nothing in it identifies a person',
    body: BrowserTelemetry,
    bodyLimit: limits.browserTelemetryBody,
    answers: { 204: null },
    problems: [429],
  },
  {
    name: 'listProducts',
    method: 'GET',
    route: 'products',
    service: 'products',
    summary: 'The products, all of them or those that the query asks for',
    query: ProductQuery,
    headers: ifNoneMatch,
    answers: { 200: z.array(Product), 304: null },
    problems: [400],
  },
  {
    name: 'getProduct',
    method: 'GET',
    route: 'products/{id}',
    service: 'products',
    summary: 'One product',
    headers: ifNoneMatch,
    answers: { 200: Product, 304: null },
  },
  {
    name: 'getProductByOldRoute',
    method: 'GET',
    route: 'product/{id}',
    service: 'products',
    summary: 'One product',
    headers: ifNoneMatch,
    answers: { 200: Product, 304: null },
  },
  {
    name: 'catalogueMetrics',
    method: 'GET',
    route: 'products/metrics',
    service: 'products',
    summary: 'The size of the catalogue, for Prometheus',
    answers: { 200: text('text/plain; version=0.0.4; charset=utf-8') },
  },
  {
    name: 'getPicture',
    method: 'GET',
    route: 'products/images/{name}',
    service: 'products',
    summary: "A product's picture; it never changes",
    headers: ifNoneMatch,
    answers: { 200: pictures, 304: null },
  },
  {
    name: 'createProduct',
    method: 'POST',
    route: 'product',
    service: 'products',
    summary: 'Create a product under the next free number',
    admin: true,
    body: NewProduct,
    bodyLimit: limits.productBody,
    answers: { 200: Product },
  },
  {
    name: 'updateProduct',
    method: 'PUT',
    route: 'product',
    service: 'products',
    summary: 'Change a product',
    admin: true,
    headers: ifMatch,
    body: Product,
    bodyLimit: limits.productBody,
    answers: { 200: Product },
    problems: [404, 412],
  },
  {
    name: 'deleteProduct',
    method: 'DELETE',
    route: 'product/{id}',
    service: 'products',
    summary: 'Delete a product',
    admin: true,
    headers: ifMatch,
    answers: { 200: null },
    problems: [412],
  },
  {
    name: 'importProducts',
    method: 'POST',
    route: 'products/import',
    service: 'products',
    summary: 'Create many products, or none when one is not valid',
    admin: true,
    body: ProductImport,
    bodyLimit: limits.importBody,
    answers: { 200: z.array(Product) },
    problems: [409],
  },
  {
    name: 'uploadPicture',
    method: 'POST',
    route: 'products/images',
    service: 'products',
    summary: "Store a picture to use as a product's image",
    admin: true,
    body: pictures,
    bodyLimit: limits.pictureBytes,
    answers: { 201: StoredPicture },
  },
  {
    name: 'placeOrder',
    method: 'POST',
    route: 'orders',
    service: 'orders',
    summary: 'Place an order',
    headers: {
      'idempotency-key': 'The same key with the same order places it once; with another order it is 422.',
    },
    body: NewOrder,
    answers: { 200: Order, 201: Order },
    problems: [422, 429],
  },
  {
    name: 'cancelOrder',
    method: 'POST',
    route: 'orders/{orderId}/cancel',
    service: 'orders',
    summary: 'Take an order back that nobody works on yet',
    answers: { 200: Order },
    problems: [409],
  },
  {
    name: 'trackOrder',
    method: 'GET',
    route: 'orders/{orderId}',
    service: 'orders',
    summary: 'Follow an order by its id',
    headers: ifNoneMatch,
    answers: { 200: Order, 304: null },
  },
  {
    name: 'listOrders',
    method: 'GET',
    route: 'makeline/orders',
    service: 'makeline',
    summary: 'A page of orders, the newest first',
    admin: true,
    query: OrderListQuery,
    answers: { 200: OrderPage },
    problems: [400],
  },
  {
    name: 'fetchOrders',
    method: 'GET',
    route: 'makeline/order/fetch',
    service: 'makeline',
    summary: `The orders that wait for an employee, the oldest first; of more than ${limits.pendingOrders}, the oldest`,
    admin: true,
    answers: { 200: z.array(Order) },
  },
  {
    name: 'getOrder',
    method: 'GET',
    route: 'makeline/order/{orderId}',
    service: 'makeline',
    summary: 'One order',
    admin: true,
    headers: ifNoneMatch,
    answers: { 200: Order, 304: null },
  },
  {
    name: 'updateOrder',
    method: 'PUT',
    route: 'makeline/order',
    service: 'makeline',
    summary: "Set an order's status",
    admin: true,
    body: OrderStatusChange,
    answers: { 202: null },
    problems: [404, 409],
  },
  {
    name: 'getQueueDepth',
    method: 'GET',
    route: 'makeline/queue',
    service: 'makeline',
    summary: 'How many messages wait, are scheduled, or are dead letters',
    admin: true,
    answers: { 200: QueueDepth },
  },
  {
    name: 'listDeadLetters',
    method: 'GET',
    route: 'makeline/dead-letters',
    service: 'makeline',
    summary: 'The dead letters, the oldest first',
    admin: true,
    answers: { 200: DeadLetters },
  },
  {
    name: 'getDeadLetter',
    method: 'GET',
    route: 'makeline/dead-letters/{sequenceNumber}',
    service: 'makeline',
    summary: 'One of them, with what it says',
    admin: true,
    answers: { 200: DeadLetterDetail },
  },
  {
    name: 'resubmitDeadLetter',
    method: 'POST',
    route: 'makeline/dead-letters/{sequenceNumber}/resubmit',
    service: 'makeline',
    summary: 'Put a message back into the queue',
    admin: true,
    answers: { 202: null },
    // Someone else is dealing with it.
    problems: [409],
  },
  {
    name: 'discardDeadLetter',
    method: 'DELETE',
    route: 'makeline/dead-letters/{sequenceNumber}',
    service: 'makeline',
    summary: 'Throw a message away for good',
    admin: true,
    answers: { 204: null },
    // Someone else is dealing with it.
    problems: [409],
  },
  {
    name: 'getSummary',
    method: 'GET',
    route: 'analytics/summary',
    service: 'analytics',
    summary: 'What was sold in a range of time, by the hour; a week unless the query says otherwise',
    admin: true,
    query: AnalyticsQuery,
    answers: { 200: AnalyticsSummary },
    problems: [400],
  },
  {
    name: 'rebuildAnalytics',
    method: 'POST',
    route: 'analytics/rebuild',
    service: 'analytics',
    summary: 'Count all of history anew',
    admin: true,
    answers: { 200: z.object({ hours: z.int() }) },
  },
  {
    name: 'aiHealth',
    method: 'GET',
    route: 'ai/health',
    service: 'ai',
    summary: 'What the configured models can make; 404 where none is configured',
    answers: { 200: AiHealth },
    problems: [404],
  },
  {
    name: 'aiCapabilities',
    method: 'GET',
    route: 'ai/capabilities',
    service: 'ai',
    summary: 'What the configured models can make: nothing where none is configured',
    answers: { 200: AiCapabilities },
  },
  {
    name: 'generateDescription',
    method: 'POST',
    route: 'ai/generate/description',
    service: 'ai',
    summary: "Write a product's description, streamed where text/event-stream is accepted",
    admin: true,
    headers: { accept: 'text/event-stream for events as the text is written, else JSON.' },
    body: DescriptionRequest,
    answers: { 200: DescriptionAnswer },
    problems: modelProblems,
  },
  {
    name: 'generateImage',
    method: 'POST',
    route: 'ai/generate/image',
    service: 'ai',
    summary: "Draw a product's picture",
    admin: true,
    body: ImageRequest,
    answers: { 200: ImageAnswer },
    problems: modelProblems,
  },
  {
    name: 'getTuningDataset',
    method: 'GET',
    route: 'ai/tuning/dataset',
    service: 'ai',
    summary: 'Questions about the products with their answers, to tune a chat model with',
    admin: true,
    answers: { 200: TuningDataset },
  },
]

/** The statuses of every problem document that an operation may answer. */
export function problemsOf({ admin, body, method, route, problems = [] }: Operation): number[] {
  const byKind = [
    // A page of another site may change nothing, nor does any route take a form.
    ...(method === 'GET' ? [] : [403, 415]),
    ...(admin ? [401, 403] : []),
    ...(body ? [400, 413, 415] : []),
    ...(route.includes('{') ? [404] : []),
    503,
  ]
  return [...new Set([...problems, ...byKind])].sort((a, b) => a - b)
}
