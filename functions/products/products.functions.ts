import type { HttpRequest } from '@azure/functions'
import { limits, NewProduct, Product, ProductId, ProductImport, ProductQuery } from '@store/contract'
import { entityTag } from '../platform/etag.ts'
import { adminOnly, open, precondition, readBody, readQuery, tagged } from '../platform/http.ts'
import { invalid, notFound } from '../platform/problem.ts'
import * as editing from './editProduct.ts'
import { findProducts } from './findProducts.ts'
import * as importing from './importProducts.ts'
import { readCatalogue, type StoredProduct } from './productStore.ts'

/** GET /api/products: the whole list as a bare array, or what the query asks for. */
export const listProducts = open(async (request) => {
  const query = readQuery(request, ProductQuery)
  const { etag, products } = await readCatalogue()
  const page = findProducts(
    products.values().map(({ product }) => product),
    query,
  )
  if (!page) {
    throw invalid('The request is not valid.', [
      { pointer: '/continuation', detail: 'is of no earlier page' },
    ])
  }
  return tagged(request, etag, page.products, {
    'x-total-count': String(page.total),
    ...(page.continuation ? { 'x-continuation': page.continuation } : {}),
  })
})

/** GET /api/products/{id} and /api/product/{id} */
export const getProduct = open(async (request) => {
  const { products } = await readCatalogue()
  const stored = products.get(idOf(request))
  if (!stored) throw notFound('This product')
  return tagged(request, stored.etag, stored.product)
})

/** POST /api/product */
export const createProduct = adminOnly(async (request) => {
  return answer(await editing.createProduct(await readBody(request, NewProduct, limits.productBody)))
})

/** PUT /api/product, with If-Match 412 when someone else was faster. */
export const updateProduct = adminOnly(async (request) => {
  const product = await readBody(request, Product, limits.productBody)
  return answer(await editing.updateProduct(product, precondition(request)))
})

/** DELETE /api/product/{id} */
export const deleteProduct = adminOnly(async (request) => {
  await editing.deleteProduct(idOf(request), precondition(request))
  return { status: 200 }
})

/** POST /api/products/import: all or nothing. */
export const importProducts = adminOnly(async (request) => ({
  jsonBody: await importing.importProducts(await readBody(request, ProductImport, limits.importBody)),
}))

/** GET /api/products/metrics, for Prometheus: text format 0.0.4. */
export const catalogueMetrics = open(async () => {
  const { products } = await readCatalogue()
  return {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: [
      '# HELP total_product_count Products in the catalogue.',
      '# TYPE total_product_count gauge',
      `total_product_count ${products.size}`,
      '',
    ].join('\n'),
  }
})

const answer = ({ product, etag }: StoredProduct) => ({
  jsonBody: product,
  headers: { etag: entityTag(etag) },
})

/** The number in the route; what is no number is no product's. */
function idOf(request: HttpRequest): number {
  const text = request.params.id ?? ''
  const id = ProductId.safeParse(/^[1-9]\d*$/.test(text) ? Number(text) : undefined)
  if (!id.success) throw notFound('This product')
  return id.data
}
