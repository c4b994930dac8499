/** What an employee types about a product, and what it means. */
import type { NewProduct } from '@store/contract'
import { limits } from '@store/contract/limits'
import { priceDecimals } from '@store/web-ui'

/** The fields of a product and what they are called; the form, what it checks and what it compares follow from it. */
export const fieldNames = {
  name: 'Name',
  price: 'Price',
  description: 'Description',
  image: 'Picture',
} as const satisfies Record<keyof NewProduct, string>

/** The fields of the form, as typed. `keywords` is for the AI assistant and is not kept. */
export type ProductFields = Record<keyof NewProduct | 'keywords', string>

/** Those that are kept. */
export const keptFields = Object.keys(fieldNames) as (keyof NewProduct)[]

export type ProductErrors = Partial<Record<keyof ProductFields, string>>

/** The picture of a product that has none of its own. */
export const placeholderImage = '/images/placeholder.svg'

export const emptyFields = (): ProductFields => ({
  name: '',
  price: '',
  keywords: '',
  description: '',
  image: '',
})

export const fieldsOf = ({ name, price, description, image }: NewProduct): ProductFields => ({
  name,
  price: price.toFixed(priceDecimals()),
  keywords: '',
  description,
  image,
})

export const tagsOf = (keywords: string) =>
  keywords
    .split(/[,;\n]/)
    .map((tag) => tag.trim())
    .filter(Boolean)

/** What is wrong, field by field, in words that say what would be right; empty when the product can be saved. */
export function checkFields({ name, price, description, image }: ProductFields): ProductErrors {
  const errors: ProductErrors = {}
  if (!name.trim()) errors.name = 'Give the product a name.'
  else if (name.trim().length > limits.productName) errors.name = tooLong(limits.productName)
  if (!price.trim()) errors.price = 'Give the product a price.'
  else if (priceOf(price) === undefined)
    errors.price = `Write a price like ${(9.99).toFixed(priceDecimals())}.`
  else if (Number(priceOf(price)) > limits.price)
    errors.price = `The highest price is ${limits.price.toLocaleString()}.`
  if (!description.trim()) errors.description = 'Describe the product.'
  else if (description.trim().length > limits.productDescription)
    errors.description = tooLong(limits.productDescription)
  if (image.trim().length > limits.productImage) errors.image = tooLong(limits.productImage)
  // The pages' Content-Security-Policy shows no others.
  else if (/^http:/i.test(image.trim())) errors.image = 'A web address has to begin with https://.'
  return errors
}

/** The product that the fields describe, once `checkFields` finds nothing. */
export const productOf = ({ name, price, description, image }: ProductFields): NewProduct => ({
  name: name.trim(),
  price: priceOf(price) ?? 0,
  description: description.trim(),
  image: image.trim() || placeholderImage,
})

/** The price that was typed, with a point or a comma; undefined when it is none, or has more decimals than the currency. */
export function priceOf(price: string): number | undefined {
  const typed = /^\d+(?:[.,](\d+))?$/.exec(price.trim())
  return typed && (typed[1]?.length ?? 0) <= priceDecimals()
    ? Number(price.trim().replace(',', '.'))
    : undefined
}

/** What the arrow keys make of a price: so much more or less, within what a price may be. What is no price stays. */
export function steppedPrice(price: string, by: number): string {
  const amount = price.trim() ? priceOf(price) : 0
  if (amount === undefined) return price
  return Math.min(limits.price, Math.max(0, amount + by)).toFixed(priceDecimals())
}

const tooLong = (most: number) => `At most ${most.toLocaleString()} characters.`
