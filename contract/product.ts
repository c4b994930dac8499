import * as z from 'zod'
import { limits } from './limits.ts'

/** A product's number: an integer from 1 up, assigned by the store. */
export const ProductId = z.int().min(1).max(2_147_483_647)

/** A price in the store's currency: a decimal number with at most two places, not negative. */
export const Price = z
  .number()
  .min(0)
  .max(limits.price)
  .refine(
    (price) => Math.abs(price * 100 - Math.round(price * 100)) < 1e-6,
    'must have at most two decimal places',
  )

const text = (most: number) => z.string().trim().min(1, 'must not be blank').max(most)

/** What a client says of a product it creates. An `id` beside these is ignored. */
export const NewProduct = z.object({
  name: text(limits.productName),
  price: Price,
  description: text(limits.productDescription),
  image: text(limits.productImage),
})
export type NewProduct = z.infer<typeof NewProduct>

/** A product of the catalogue. `image` is a URL or a path on the storefront. */
export const Product = NewProduct.extend({ id: ProductId })
export type Product = z.infer<typeof Product>

/** How a list of products may be sorted; a leading minus turns the order round. */
export const productSorts = ['id', '-id', 'name', '-name', 'price', '-price'] as const
export type ProductSort = (typeof productSorts)[number]

/** The query of GET /api/products; the answer is a bare array. */
export const ProductQuery = z.object({
  /** Words to be found in the name or the description. */
  search: z.string().trim().max(limits.search).optional(),
  minPrice: z.coerce.number().min(0).optional(),
  maxPrice: z.coerce.number().min(0).optional(),
  sort: z.enum(productSorts).optional(),
})
export type ProductQuery = z.infer<typeof ProductQuery>
