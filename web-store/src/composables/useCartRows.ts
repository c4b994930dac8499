import type { Product } from '@store/contract'
import { totalOf } from '@store/web-ui/totalOf.ts'
import { computed } from 'vue'
import { type CartLine, useCart } from './useCart.ts'
import { useCatalogue } from './useCatalogue.ts'

/** A line of the cart beside what the catalogue says of it today. */
export interface CartRow {
  line: CartLine
  /** Undefined when the catalogue has it no more. */
  product: Product | undefined
  /** What a piece cost when the visitor last looked, where that is not what it costs now. */
  oldPrice: number | undefined
}

/** The cart as it can be ordered: today's products at today's prices. Rows are undefined until the catalogue is there. */
export function useCartRows() {
  const cart = useCart()
  const catalogue = useCatalogue()
  const products = computed(
    () => catalogue.data.value && new Map(catalogue.data.value.map((product) => [product.id, product])),
  )

  const rows = computed<CartRow[] | undefined>(
    () =>
      products.value &&
      cart.lines.map((line) => {
        const product = products.value?.get(line.productId)
        return { line, product, oldPrice: product && product.price !== line.price ? line.price : undefined }
      }),
  )
  const orderable = computed(() => rows.value?.filter(({ product }) => product) ?? [])
  const total = computed(() =>
    totalOf(orderable.value.map(({ line, product }) => ({ ...line, price: product?.price ?? 0 }))),
  )
  const items = computed(() =>
    orderable.value.map(({ line }) => ({ productId: line.productId, quantity: line.quantity })),
  )

  /** The visitor has seen today's prices. */
  function acknowledge() {
    if (products.value) cart.acknowledge(new Map(catalogue.data.value?.map(({ id, price }) => [id, price])))
  }

  return { catalogue, rows, total, items, acknowledge }
}
