/** Pictures as they come: what is kept under which name, and what is none. */
import { createHash } from 'node:crypto'
import { limits } from '@store/contract'
import { beforeEach, expect, test, vi } from 'vitest'
import { writePicture } from './pictureStore.ts'
import { pictureIn, storePicture, withStoredPicture } from './pictures.ts'

vi.mock('./pictureStore.ts')
beforeEach(() => vi.resetAllMocks())

/** The signature of a PNG (RFC 2083, 3.1) and so many bytes in all. */
function png(length = 16) {
  const bytes = new Uint8Array(length)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return bytes
}
const base64 = (bytes = png()) => Buffer.from(bytes).toString('base64')

test('a picture is kept under the hash of its bytes, as what it is', async () => {
  const name = `${createHash('sha256').update(png()).digest('hex')}.png`
  expect(await storePicture(png())).toBe(`/api/products/images/${name}`)
  expect(writePicture).toHaveBeenCalledExactlyOnceWith(name, png(), 'image/png')
})

test('of the largest size a picture is kept; a larger one, and what is none, is not', async () => {
  await storePicture(png(limits.pictureBytes))
  await expect(storePicture(png(limits.pictureBytes + 1))).rejects.toMatchObject({ status: 413 })
  await expect(storePicture(new Uint8Array(16))).rejects.toMatchObject({ status: 415 })
  expect(writePicture).toHaveBeenCalledOnce()
})

test('the picture in a data URL is its bytes; an address has none', () => {
  for (const type of ['image/png', 'image/x', 'image/svg+xml', 'IMAGE/PNG'])
    expect(pictureIn(`data:${type};base64,${base64()}`)).toEqual(Buffer.from(png()))
  expect(pictureIn(`DATA:image/png;base64,${base64(png(17))}`)).toEqual(Buffer.from(png(17)))
  expect(pictureIn(`data:image/png;base64,${base64(png(18))}`)).toEqual(Buffer.from(png(18)))
  expect(pictureIn('/images/rope.svg')).toBeNull()
})

test.each([
  ['data:image/png;base64,', 'must be a data URL of a picture in base64'],
  ['data:image/;base64,iVBORw0KGgo=', 'must be a data URL of a picture in base64'],
  ['data:text/png;base64,iVBORw0KGgo=', 'must be a data URL of a picture in base64'],
  ['data:image/png,iVBORw0KGgo=', 'must be a data URL of a picture in base64'],
  ['data:image/png;base64,iVBORw0KGgo===', 'must be a data URL of a picture in base64'],
  ['data:image/png;base64,iVBO Rw0KGgo=', 'must be a data URL of a picture in base64'],
  ['data:x,data:image/png;base64,iVBORw0KGgo=', 'must be a data URL of a picture in base64'],
  ['data:image/png;base64,AAAAAAAAAAAAAAAA', 'A picture must be PNG, JPEG, WebP, GIF or AVIF.'],
])('%j is refused, and the field is named', (image, detail) => {
  const refused = expect.objectContaining({ status: 400, errors: [{ pointer: '/3/image', detail }] })
  expect(() => pictureIn(image, '/3/image')).toThrow(refused)
})

test('of a product the picture is kept and its address put in its place; another image stays', async () => {
  const kept = await withStoredPicture({ id: 1, image: `data:image/png;base64,${base64()}` })
  expect(kept).toEqual({
    id: 1,
    image: expect.stringMatching(/^\/api\/products\/images\/[0-9a-f]{64}\.png$/),
  })
  const other = { id: 1, image: '/images/rope.svg' }
  expect(await withStoredPicture(other)).toEqual(other)
  expect(writePicture).toHaveBeenCalledOnce()
})
