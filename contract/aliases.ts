/**
 * Routes that clients of the AKS Store Demo use beside those of `operations.ts`, each served by the operation that it is
 * another name of. `docs/demo.md` says which routes of the demo are left out.
 */
export interface Alias {
  /** Name of its function. Azure tries routes by these names, so they come before those with a parameter in its place. */
  name: `alias${string}`
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/`, with parameters in braces. */
  route: string
  /** The operation. */
  of: string
}

export const aliases: readonly Alias[] = [
  // The order service takes orders at its root, which the demo's older web apps reach as `order`.
  { name: 'aliasPlaceOrder', method: 'POST', route: 'order', of: 'placeOrder' },
  // The product service has everything at its root, which proxies reach as `products`.
  { name: 'aliasCreateProduct', method: 'POST', route: 'products', of: 'createProduct' },
  { name: 'aliasUpdateProduct', method: 'PUT', route: 'products', of: 'updateProduct' },
  { name: 'aliasDeleteProduct', method: 'DELETE', route: 'products/{id}', of: 'deleteProduct' },
  { name: 'aliasAiHealth', method: 'GET', route: 'products/ai/health', of: 'aiHealth' },
  {
    name: 'aliasDescription',
    method: 'POST',
    route: 'products/ai/generate/description',
    of: 'generateDescription',
  },
  { name: 'aliasImage', method: 'POST', route: 'products/ai/generate/image', of: 'generateImage' },
  { name: 'aliasDataset', method: 'GET', route: 'products/ai/tuning/dataset', of: 'getTuningDataset' },
  // Each service is probed by itself.
  { name: 'aliasProductsHealth', method: 'GET', route: 'products/health', of: 'health' },
  { name: 'aliasOrderHealth', method: 'GET', route: 'order/health', of: 'health' },
  { name: 'aliasOrdersHealth', method: 'GET', route: 'orders/health', of: 'health' },
  { name: 'aliasMakelineHealth', method: 'GET', route: 'makeline/health', of: 'health' },
]
