/**
 * Importing many products: all of them or none, though a transactional batch holds 100 operations and 2 MB only. What
 * does not fit one batch goes in three steps, and nobody sees its products before the last (docs/catalogue.md, Import).
 */
import type { NewProduct } from '@store/contract'
import { v7 as uuidv7 } from 'uuid'
import { config } from '../platform/config.ts'
import { ProblemError } from '../platform/problem.ts'
import { demandPayable } from './payablePrice.ts'
import { pictureIn, withStoredPicture } from './pictures.ts'
import type { Product } from './product.ts'
import { changeCatalogue, type Head, type ImportedProduct } from './productStore.ts'

/** One operation of a batch is the head's. */
const batchProducts = 99
/** A batch holds 2 MB with its envelope. */
const batchBytes = 1_500_000
/** An import that shows no sign of life for so long, in ms, is taken for broken. */
const patience = 5 * 60_000

/**
 * Stores products under the next free numbers: all of them, or none when this rejects.
 * @throws {ProblemError} 400 a picture that is none; 409 it took so long that another import gave it up; 503.
 */
export async function importProducts(drafts: readonly NewProduct[]): Promise<Product[]> {
  for (const [position, { image, price }] of drafts.entries()) {
    pictureIn(image, `/${position}/image`)
    demandPayable(price, config().currency.decimals, `/${position}/price`)
  }
  const products: NewProduct[] = []
  for (const draft of drafts) products.push(await withStoredPicture(draft))
  await removeBrokenImports()
  return inBatches(products).length > 1 ? importInBatches(products) : importInOneBatch(products)
}

async function importInOneBatch(drafts: readonly NewProduct[]): Promise<Product[]> {
  const id = uuidv7()
  let products: Product[] = []
  try {
    await changeCatalogue(async ({ head }) => {
      products = numbered(drafts, head.last)
      const create: ImportedProduct[] = products.map((product) => ({ ...product, import: id }))
      return { change: { head: { last: head.last + products.length }, create }, result: null }
    })
  } catch (error) {
    // It may have been stored although the answer was lost; then the import is complete.
    const stored = changeCatalogue(async ({ imported }) => ({ result: await imported(id, 1) }))
    if (!(await stored.catch(() => null))?.result.length) throw error
  }
  return products
}

async function importInBatches(drafts: readonly NewProduct[]): Promise<Product[]> {
  const id = uuidv7()
  const { result: products } = await changeCatalogue(async ({ head: { last, imports } }) => ({
    change: { head: { last: last + drafts.length, imports: [...imports, { id, at: now() }] } },
    result: numbered(drafts, last),
  }))
  try {
    for (const batch of inBatches(products)) {
      await changeCatalogue(async ({ head }) => {
        const create: ImportedProduct[] = batch.map((product) => ({ ...product, import: id }))
        return {
          change: { head: { imports: [...others(head, id), { id, at: now() }] }, create },
          result: null,
        }
      })
    }
    await changeCatalogue(async ({ head }) => ({
      change: { head: { imports: others(head, id) } },
      result: null,
    }))
  } catch (error) {
    const wasUnderWay = await giveUp(id).catch(() => true)
    // The last step may have been stored although its answer was lost; then the import is complete.
    if (!wasUnderWay && (await isComplete(products))) return products
    // At worst the entry stays, and a later import removes what is left.
    throw error
  }
  return products
}

/** The other imports under way; this one must be among them still. */
function others({ imports }: Head, id: string) {
  if (!imports.some((entry) => entry.id === id && !entry.givenUp)) {
    throw new ProblemError(409, 'The import stood still for too long and was given up; nothing was stored.')
  }
  return imports.filter((entry) => entry.id !== id)
}

async function isComplete(products: readonly Product[]): Promise<boolean> {
  const last = products.at(-1)
  const read = changeCatalogue(async ({ read }) => ({ result: last && (await read(last.id)) }))
  return Boolean((await read.catch(() => null))?.result)
}

type Entry = Head['imports'][number]

/** Whether an import is taken for broken. */
const isBroken = ({ at, givenUp }: Entry) => givenUp || Date.parse(at) < Date.now() - patience

async function removeBrokenImports(): Promise<void> {
  const { result: broken } = await changeCatalogue(async ({ head }) => ({
    result: head.imports.filter(isBroken),
  }))
  for (const { id } of broken) await giveUp(id, isBroken)
}

/**
 * Ends an import and removes what it stored: first no batch of it succeeds any more, last nothing hides its products.
 * Each step is one batch with the head, so it is taken only while the import is what it was found to be: one that has
 * finished since, or shown life, keeps its products.
 * @param isToEnd whether to end it, by its entry as it is now.
 * @returns whether it was under way and is ended.
 */
async function giveUp(id: string, isToEnd: (entry: Entry) => unknown = () => true): Promise<boolean> {
  const { result: isEnded } = await changeCatalogue(async ({ head }) => {
    const found = head.imports.find((entry) => entry.id === id)
    if (!found || !isToEnd(found)) return { result: false }
    const imports = head.imports.map((entry) => (entry === found ? { ...entry, givenUp: true } : entry))
    return { change: { head: { imports } }, result: true }
  })
  for (let isLeft = isEnded; isLeft; ) {
    const { result } = await changeCatalogue(async ({ head, imported }) => {
      // Someone else removes it, too, and was faster.
      if (!head.imports.some((entry) => entry.id === id)) return { result: false }
      const left = await imported(id, batchProducts)
      if (left.length) return { change: { delete: left }, result: true }
      return { change: { head: { imports: head.imports.filter((entry) => entry.id !== id) } }, result: false }
    })
    isLeft = result
  }
  return isEnded
}

/** Products with the numbers after `last`. */
const numbered = (products: readonly NewProduct[], last: number): Product[] =>
  products.map((product, index) => ({ ...product, id: last + 1 + index }))

function inBatches<P extends NewProduct>(products: readonly P[]): P[][] {
  const batches: P[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const product of products) {
    const size = Buffer.byteLength(JSON.stringify(product)) + 200
    const current = batches.at(-1)
    if (!current || current.length === batchProducts || bytes + size > batchBytes) {
      batches.push([product])
      bytes = size
    } else {
      current.push(product)
      bytes += size
    }
  }
  return batches
}

const now = () => new Date().toISOString()
