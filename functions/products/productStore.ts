/**
 * The catalogue in Cosmos DB: container `products`, one partition a store. Beside the products the partition holds the
 * head of the catalogue, and whatever changes a product replaces the head in the same transactional batch, on the
 * condition that nobody else has. So the head's ETag is the version of the whole catalogue: a reader learns with one
 * point read (1 RU) whether the products it knows are still right, and a writer decides on what is true.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Container, JSONObject, OperationInput } from '@azure/cosmos'
import { config } from '../platform/config.ts'
import { container, type OperationOptions, onCosmos, storePartition } from '../platform/cosmos.ts'
import { cosmosStatus } from '../platform/cosmosErrors.ts'
import { unavailable } from '../platform/problem.ts'
import { shared } from '../platform/shared.ts'
import { Product } from './product.ts'
import { seedCatalogue } from './seedCatalogue.ts'

/** A product with the ETag it was read at. */
export interface StoredProduct {
  product: Product
  etag: string
}

/** The products that customers see, in the order of their numbers. */
export interface Catalogue {
  etag: string
  products: ReadonlyMap<number, StoredProduct>
}

/** What the catalogue knows of itself. */
export interface Head {
  /** The highest number that was ever given to a product. */
  last: number
  /** Imports that are under way, or broke off: nobody sees their products. `at` is the last sign of life, ISO 8601. */
  imports: readonly { id: string; at: string; givenUp?: boolean }[]
}

/** What a writer wants to be stored: all of it or nothing. */
export interface Change {
  head?: Partial<Head>
  create?: readonly ImportedProduct[]
  replace?: readonly Product[]
  delete?: readonly number[]
}

/** `import` names the import that a product came with, for as long as it matters. */
export type ImportedProduct = Product & { import?: string }

const headId = 'catalogue'
type Tagged<T> = T & { _etag: string }

/** The head; a store that has none is opened with the seed catalogue first. */
async function readHead(store: Container, options: OperationOptions): Promise<Tagged<Head>> {
  const head = () => store.item(headId, storePartition).read<Tagged<Head>>(options)
  const { resource } = await head()
  if (resource) return resource
  // Of several that open the store in the same moment one wins; the others find the same catalogue.
  await runBatch(
    store,
    [
      create({ id: headId, last: seedCatalogue.length, imports: [] }),
      ...seedCatalogue.map(payable).map(toDocument).map(create),
    ],
    options,
  ).catch((error) => {
    // In Azure the store's app may read products only: it waits for the employees' app to open the catalogue.
    throw cosmosStatus(error) === 403 ? unavailable('The catalogue', error) : error
  })
  const { resource: opened } = await head()
  if (!opened) throw new Error('The catalogue could not be opened')
  return opened
}

/** A product of the seed catalogue, whose prices are dollars, at a price that the store's currency has. */
const payable = (product: Product): Product => ({
  ...product,
  price: Number(product.price.toFixed(config().currency.decimals)),
})

const currentHead = shared(async () => {
  const store = await container('products')
  return { store, head: await onCosmos((options) => readHead(store, options)) }
})

let known: { etag: string; catalogue: Promise<Catalogue> } | undefined

/**
 * The catalogue as it is now. Costs 1 RU while it does not change, shared by all who ask in the same moment, and a query
 * of all products once it has.
 * @throws {ProblemError} 503 when the database does not answer.
 */
export async function readCatalogue(): Promise<Catalogue> {
  const { store, head } = await currentHead()
  if (known?.etag !== head._etag) {
    const catalogue = onCosmos((options) => queryCatalogue(store, head, options))
    const loading = { etag: head._etag, catalogue }
    known = loading
    catalogue.catch(() => {
      if (known === loading) known = undefined
    })
  }
  return known.catalogue
}

async function queryCatalogue(
  store: Container,
  head: Tagged<Head>,
  options: OperationOptions,
): Promise<Catalogue> {
  const query = 'SELECT * FROM c WHERE IS_DEFINED(c.price)'
  const { resources } = await store.items
    .query<Document>(query, { partitionKey: storePartition, ...options })
    .fetchAll()
  const products = resources
    .filter((document) => isVisible(document, head))
    .map(fromDocument)
    .sort((a, b) => a.product.id - b.product.id)
  return { etag: head._etag, products: new Map(products.map((stored) => [stored.product.id, stored])) }
}

const isVisible = (document: Document, { last, imports }: Head) =>
  Number(document.id) <= last && !imports.some(({ id }) => id === document.import)

/** What a writer may ask while it decides. */
export interface Decision {
  head: Head
  read(id: number): Promise<StoredProduct | null>
  /** The numbers of products that came with an import, seen or not; at most `limit`. */
  imported(importId: string, limit: number): Promise<number[]>
}

let turn: Promise<unknown> = Promise.resolve()

/** What a writer decided; without a change nothing is stored. */
export interface Decided<T> {
  change?: Change
  result: T
}

/**
 * Changes the catalogue. `decide` says how, from what is stored; when another instance changes something in the
 * meantime it is asked again. Writers of this process take turns.
 * @returns what `decide` gave as `result`.
 * @throws whatever `decide` throws, and then nothing is stored; {ProblemError} 503 when the database does not answer.
 */
export function changeCatalogue<T>(
  decide: (now: Decision) => Promise<Decided<T>>,
): Promise<{ result: T; etags: string[] }> {
  const mine = turn.then(() => change(decide))
  turn = mine.catch(() => {})
  return mine
}

async function change<T>(decide: (now: Decision) => Promise<Decided<T>>) {
  const store = await container('products')
  for (let attempt = 0; attempt < 20; attempt++) {
    const head = await onCosmos((options) => readHead(store, options))
    const read = async (id: number) => {
      const { resource } = await onCosmos((options) =>
        store.item(String(id), storePartition).read<Document>(options),
      )
      return resource && isVisible(resource, head) ? fromDocument(resource) : null
    }
    const { change, result } = await decide({
      head,
      read,
      imported: (importId, limit) => importedIds(store, importId, limit),
    })
    if (!change) return { result, etags: [] }
    const etags = await onCosmos((options) => runBatch(store, operationsOf(head, change), options))
    if (etags) return { result, etags: etags.slice(1) }
    await delay(Math.random() * 20 * (attempt + 1))
  }
  throw unavailable('The catalogue', new Error('Others kept changing it'))
}

/** The numbers of products that came with an import, at most `limit`. */
async function importedIds(store: Container, importId: string, limit: number): Promise<number[]> {
  const query = {
    query: 'SELECT TOP @limit c.id FROM c WHERE c.import = @import',
    parameters: [
      { name: '@limit', value: limit },
      { name: '@import', value: importId },
    ],
  }
  const { resources } = await onCosmos((options) =>
    store.items.query<{ id: string }>(query, { partitionKey: storePartition, ...options }).fetchAll(),
  )
  return resources.map(({ id }) => Number(id))
}

function operationsOf(head: Tagged<Head>, change: Change): OperationInput[] {
  const storeId = storePartition
  const { last, imports } = { ...head, ...change.head }
  return [
    // First, because the rest is only right if this is.
    { ...replace({ id: headId, last, imports }), ifMatch: head._etag },
    ...(change.create ?? []).map(toDocument).map(create),
    ...(change.replace ?? []).map(toDocument).map(replace),
    ...(change.delete ?? []).map(
      (id) => ({ operationType: 'Delete', id: String(id), partitionKey: storeId }) as const,
    ),
  ]
}

const create = <D extends { id: string }>(document: D) =>
  ({
    operationType: 'Create',
    resourceBody: { ...document, storeId: storePartition } as JSONObject & D,
  }) as const

const replace = <D extends { id: string }>(document: D) => {
  const storeId = storePartition
  return {
    operationType: 'Replace',
    id: document.id,
    partitionKey: storeId,
    resourceBody: { ...document, storeId } as JSONObject & { id: string },
  } as const
}

/** Runs a transactional batch: the ETags that its operations left, or null when the first met a conflict. */
async function runBatch(
  store: Container,
  operations: OperationInput[],
  options: OperationOptions,
): Promise<string[] | null> {
  const { result = [] } = await store.items
    .batch(operations, storePartition, options)
    .catch((error: Error) => Promise.reject(error.cause ?? error))
  // 424: this one was not tried, because another failed.
  const failed = result.findIndex(({ statusCode }) => statusCode >= 400 && statusCode !== 424)
  if (failed < 0) return result.map(({ eTag }) => eTag ?? '')
  const code = result[failed]?.statusCode
  // 449: another transaction was under way.
  if (code === 449 || (failed === 0 && (code === 412 || code === 409))) return null
  throw Object.assign(new Error(`Operation ${failed} of a batch was answered ${code}`), { code })
}

type Document = Tagged<Omit<Product, 'id'> & { id: string; import?: string }>

/** What the contract says a product has; beside it a document holds the partition's name and what Cosmos DB adds. */
const fields = Object.keys(Product.shape) as (keyof Product)[]

const toDocument = (product: ImportedProduct) => ({ ...product, id: String(product.id) })

function fromDocument(document: Document): StoredProduct {
  const known = Object.fromEntries(
    fields.filter((name) => name in document).map((name) => [name, document[name]]),
  )
  return { product: { ...(known as Product), id: Number(document.id) }, etag: document._etag }
}
