/** Pictures in Blob Storage: container `product-images`, private. */
import { onStorage, storageStatus } from '../platform/blobs.ts'

const pictures = 'product-images'

/** Stores a picture; one that is there already is left as it is. */
export async function writePicture(name: string, bytes: Uint8Array, contentType: string): Promise<void> {
  await onStorage('put_blob', pictures, async (container) => {
    const upload = () =>
      container.getBlockBlobClient(name).uploadData(bytes, {
        blobHTTPHeaders: { blobContentType: contentType },
        conditions: { ifNoneMatch: '*' },
      })
    try {
      await upload()
    } catch (error) {
      const status = storageStatus(error)
      if (status === 409 || status === 412) return
      if (status !== 404) throw error
      await container.createIfNotExists()
      await upload()
    }
  })
}

/** The bytes of a picture, or null. */
export async function readPicture(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  return onStorage('get_blob', pictures, async (container) => {
    try {
      return new Uint8Array(await container.getBlobClient(name).downloadToBuffer())
    } catch (error) {
      if (storageStatus(error) === 404) return null
      throw error
    }
  })
}
