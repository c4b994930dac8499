/**
 * Pictures of products, kept in Blob Storage and served by the store's own API, so that they need neither public access
 * to the storage account nor its keys. A picture is named by the hash of its bytes: the same picture is stored once,
 * and what is at an address never changes.
 */
import { createHash } from 'node:crypto'
import { isDataUrl, limits } from '@store/contract'
import { invalid, ProblemError } from '../platform/problem.ts'
import { formatOf, type PictureFormat } from './pictureFormat.ts'
import { writePicture } from './pictureStore.ts'

/**
 * Stores a picture.
 * @returns its address, a path on the store's API.
 * @throws {ProblemError} 413 too large; 415 none of the formats the store takes; 503 when storage does not answer.
 */
export async function storePicture(bytes: Uint8Array): Promise<string> {
  const { extension, contentType } = demandFormat(bytes)
  const name = `${createHash('sha256').update(bytes).digest('hex')}.${extension}`
  await writePicture(name, bytes, contentType)
  return `/api/products/images/${name}`
}

function demandFormat(bytes: Uint8Array): PictureFormat {
  if (bytes.byteLength > limits.pictureBytes) {
    throw new ProblemError(413, `A picture must not be larger than ${limits.pictureBytes} bytes.`)
  }
  const format = formatOf(bytes)
  if (!format) throw new ProblemError(415, 'A picture must be PNG, JPEG, WebP, GIF or AVIF.')
  return format
}

/**
 * The picture in a product's `image`, or null when that is an address. Stores nothing.
 * @throws {ProblemError} 400 naming the field at `pointer` when a data URL is no picture that the store takes.
 */
export function pictureIn(image: string, pointer = '/image'): Buffer | null {
  if (!isDataUrl(image)) return null
  const data = /^data:image\/[a-z0-9.+-]+;base64,([a-z0-9+/]+={0,2})$/i.exec(image)?.[1]
  const notAPicture = (detail: string) => invalid('The request is not valid.', [{ pointer, detail }])
  if (!data) throw notAPicture('must be a data URL of a picture in base64')
  const bytes = Buffer.from(data, 'base64')
  try {
    demandFormat(bytes)
  } catch (error) {
    throw notAPicture((error as ProblemError).message)
  }
  return bytes
}

/**
 * A product whose picture, if it came as a data URL, is stored and replaced by its address.
 * @throws {ProblemError} 400 when it is no picture; 503 when storage does not answer.
 */
export async function withStoredPicture<P extends { image: string }>(product: P): Promise<P> {
  const picture = pictureIn(product.image)
  return picture ? { ...product, image: await storePicture(picture) } : product
}
