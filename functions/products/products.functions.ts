import { ProductId } from '@store/contract'
import { open } from '../platform/http.ts'
import { notFound } from '../platform/problem.ts'
import * as store from './productStore.ts'

/** GET /api/products */
export const listProducts = open(async () => ({ jsonBody: await store.listProducts() }))

/** GET /api/products/{id} and /api/product/{id} */
export const getProduct = open(async (request) => {
  const id = ProductId.safeParse(Number(request.params.id))
  const product = id.success ? await store.readProduct(id.data) : null
  if (!product) throw notFound('This product')
  return { jsonBody: product }
})
