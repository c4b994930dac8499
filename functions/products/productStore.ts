/**
 * Products in Cosmos DB: container `products`, one partition a store. Beside the products the partition holds the
 * counter that hands out their numbers; store and counter change in one transactional batch.
 */
import type { JSONObject } from '@azure/cosmos'
import { config } from '../platform/config.ts'
import { container, onCosmos } from '../platform/cosmos.ts'
import { once } from '../platform/once.ts'
import type { Product } from './product.ts'
import { seedCatalogue } from './seedCatalogue.ts'

const counterId = 'counter'

/** The container, with the opening catalogue in it. A store that was ever opened keeps its counter, so this happens once. */
const products = once(() =>
  onCosmos(async () => {
    const store = await container('products')
    const storeId = config().storeId
    const { resource: counter } = await store.item(counterId, storeId).read()
    if (!counter) {
      const documents = [
        { id: counterId, storeId, last: seedCatalogue.length },
        ...seedCatalogue.map(toDocument),
      ]
      // Whoever else opens the store in the same moment makes this batch fail as a whole, and has made the same catalogue.
      await store.items.batch(
        documents.map((resourceBody) => ({
          operationType: 'Create',
          resourceBody: resourceBody as JSONObject,
        })),
        storeId,
      )
    }
    return store
  }),
)

const toDocument = (product: Product) => ({ ...product, id: String(product.id), storeId: config().storeId })

function fromDocument({ id, name, price, description, image }: ReturnType<typeof toDocument>): Product {
  return { id: Number(id), name, price, description, image }
}

/** Every product, by number. */
export async function listProducts(): Promise<Product[]> {
  const store = await products()
  const query = { query: 'SELECT * FROM c WHERE IS_DEFINED(c.price)' }
  const { resources } = await onCosmos(() =>
    store.items.query(query, { partitionKey: config().storeId }).fetchAll(),
  )
  return resources.map(fromDocument).sort((a, b) => a.id - b.id)
}

/** One product, or null. A point read: 1 RU. */
export async function readProduct(id: number): Promise<Product | null> {
  const store = await products()
  const { resource } = await onCosmos(() => store.item(String(id), config().storeId).read())
  return resource ? fromDocument(resource) : null
}
