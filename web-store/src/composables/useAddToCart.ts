import type { Product } from '@store/contract'
import { limits } from '@store/contract/limits'
import { useToasts } from '@store/web-ui/composables/useToasts.ts'
import { useRouter } from 'vue-router'
import { useCart } from './useCart.ts'

/** Puts pieces of a product into the cart and says so. */
export function useAddToCart() {
  const cart = useCart()
  const toasts = useToasts()
  const router = useRouter()

  return (product: Product, quantity: number) => {
    const known = cart.lines.some(({ productId }) => productId === product.id)
    const taken = cart.add(product, quantity)
    if (!taken && !known) {
      toasts.error('Your cart is full. Please check out before you add more.')
      return
    }
    const action = { label: 'View', run: () => void router.push('/cart') }
    if (taken < quantity) {
      const many = taken ? `Only ${taken} more of it went in` : 'No more of it goes in'
      toasts.info(`${many}: an order takes at most ${limits.quantity} × ${product.name}`, { action })
    } else {
      toasts.success(`${taken} × ${product.name} in your cart`, { action, duration: 5_000 })
    }
  }
}
