import * as z from 'zod'
import { limits } from './limits.ts'
import { text } from './text.ts'

/** A product's number: an integer from 1 up, assigned by the store. */
export const ProductId = z.int().min(1).max(2_147_483_647)

/**
 * A price in the store's currency: a decimal number, not negative. How many places it has is the currency's own
 * (`currency.ts`): of a product that is saved, further ones are rounded, half up; an import with such a price is refused.
 */
export const Price = z.number().min(0).max(limits.price)

/**
 * Where a product's picture is: a URL (http or https) or a path on the storefront. A client may also send the picture
 * itself as a `data:` URL; the store keeps it and answers its address instead.
 */
const Image = z
  .string()
  .trim()
  .min(1, 'must not be blank')
  .max(limits.pictureDataUrl)
  .refine((image) => isDataUrl(image) || image.length <= limits.productImage, {
    error: `must be at most ${limits.productImage} characters, or a data URL`,
    abort: true,
  })
  .refine(
    (image) => isDataUrl(image) || isAddress(image),
    'must be an http(s) URL, a path, or a data URL of a picture',
  )

/** Whether an image is the picture itself rather than its address. */
export const isDataUrl = (image: string) => /^data:/i.test(image)

/** Anything without a scheme of its own is a path; a scheme that could run script is no address of a picture. */
const isAddress = (image: string) =>
  image.isWellFormed() &&
  !/[\p{Cc}\s<>"\\]/u.test(image) &&
  !/^(?!https?:\/\/)[a-z][a-z0-9+.-]*:/i.test(image)

/** What a client says of a product it creates. An `id` beside these is ignored. */
export const NewProduct = z.object({
  name: text(limits.productName),
  price: Price,
  description: text(limits.productDescription),
  image: Image,
})
export type NewProduct = z.infer<typeof NewProduct>

/** A product of the catalogue. */
export const Product = NewProduct.extend({ id: ProductId })
export type Product = z.infer<typeof Product>

/** POST /api/products/import: all of them are stored, or none. */
export const ProductImport = z.array(NewProduct).max(limits.importedProducts)
export type ProductImport = z.infer<typeof ProductImport>

/** POST /api/products/images: the address of the stored picture, to be used as a product's `image`. */
export const StoredPicture = z.object({ image: z.string() })
export type StoredPicture = z.infer<typeof StoredPicture>

/** How a list of products may be sorted; a leading minus turns the order round. */
export const productSorts = ['id', '-id', 'name', '-name', 'price', '-price'] as const
export type ProductSort = (typeof productSorts)[number]

/** A number as a query string has it. */
const queryNumber = (pattern: RegExp, detail: string) => z.string().regex(pattern, detail).transform(Number)
const amount = queryNumber(/^\d{1,7}(\.\d{1,4})?$/, 'must be a number like 9.99')

/** The query of GET /api/products; the answer is a bare array. */
export const ProductQuery = z.object({
  /** Words that must all be found in the name or the description; case and accents do not matter. */
  search: z.string().trim().max(limits.search).optional(),
  minPrice: amount.optional(),
  maxPrice: amount.optional(),
  sort: z.enum(productSorts).optional(),
  /** Products a page; without it the answer is the whole list. */
  limit: queryNumber(/^\d{1,4}$/, 'must be a whole number')
    .pipe(z.int().min(1).max(limits.productPage))
    .optional(),
  /** Where the page before ended: its answer's header `x-continuation`, which the last page lacks. */
  continuation: z.string().max(2_048).optional(),
})
export type ProductQuery = z.output<typeof ProductQuery>
