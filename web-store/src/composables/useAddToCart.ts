import type { Product } from '@store/contract'
import { useToasts } from '@store/web-ui/composables/useToasts.ts'
import { useRouter } from 'vue-router'
import { useCart } from './useCart.ts'

/** Puts pieces of a product into the cart and says so. */
export function useAddToCart() {
  const cart = useCart()
  const toasts = useToasts()
  const router = useRouter()

  return (product: Product, quantity: number) => {
    if (!cart.add(product, quantity)) {
      toasts.error('Your cart is full. Please check out before you add more.')
      return
    }
    toasts.success(`${quantity} × ${product.name} in your cart`, {
      action: { label: 'View', run: () => void router.push('/cart') },
      duration: 5_000,
    })
  }
}
