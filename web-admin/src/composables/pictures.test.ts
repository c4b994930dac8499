import { limits } from '@store/contract/limits'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { api } from '../api.ts'
import { pictureOf, usePictureUpload } from './pictures.ts'

const png = (bytes = 3) => new Blob([new Uint8Array(bytes)], { type: 'image/png' })

describe('uploading a picture', () => {
  const store = vi.spyOn(api.products, 'uploadImage')
  let scope: ReturnType<typeof effectScope>

  beforeEach(() => {
    store.mockReset()
    scope = effectScope()
  })
  afterEach(() => scope.stop())

  /** The upload of a page that is there, and the addresses it was given. */
  function page() {
    const stored: string[] = []
    const upload = scope.run(() => usePictureUpload((address) => stored.push(address)))
    if (!upload) throw new Error('The scope has ended')
    return { ...upload, stored }
  }

  test('is seen at once, and has its address once it is stored', async () => {
    store.mockResolvedValue({ image: '/api/products/images/1.png' })
    const { upload, preview, uploading, stored } = page()
    const done = upload(png())
    expect(preview.value).toMatch(/^blob:/)
    expect(uploading.value).toBe(true)
    await done
    expect(uploading.value).toBe(false)
    expect(stored).toEqual(['/api/products/images/1.png'])
  })

  test.each([
    ['a text', new Blob(['no'], { type: 'text/plain' }), /Choose a picture/],
    ['a drawing that can hold script', new Blob(['<svg/>'], { type: 'image/svg+xml' }), /Choose a picture/],
    ['too large a picture', png(limits.pictureBytes + 1), /MB at most/],
  ])('does not begin with %s', async (_what, file, words) => {
    const { upload, preview, error } = page()
    await upload(file)
    expect(error.value).toMatch(words)
    expect(preview.value).toBe('')
    expect(store).not.toHaveBeenCalled()
  })

  test('that fails says so and shows nothing that is not stored', async () => {
    store.mockRejectedValue(new TypeError('offline'))
    const { upload, preview, error, uploading, stored } = page()
    await upload(png())
    expect(error.value).toContain('could not be stored')
    expect([preview.value, uploading.value, stored]).toEqual(['', false, []])
  })

  test('ends when another picture is chosen, whose address counts', async () => {
    store.mockImplementationOnce(
      (_picture, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new Error('aborted')))
        }),
    )
    store.mockResolvedValueOnce({ image: '/second.png' })
    const { upload, error, preview, stored } = page()
    await Promise.all([upload(png()), upload(png())])
    expect(stored).toEqual(['/second.png'])
    expect(error.value).toBe('')
    expect(preview.value).toMatch(/^blob:/)
  })

  test('ends when the page is left', () => {
    store.mockReturnValue(new Promise(() => {}))
    const { upload, preview } = page()
    void upload(png())
    scope.stop()
    expect(store.mock.lastCall?.[1]?.signal?.aborted).toBe(true)
    expect(preview.value).toBe('')
  })
})

test('the bytes of a picture in an address are found, and of nothing else', async () => {
  const picture = pictureOf('data:image/png;base64,AQID')
  expect(picture?.type).toBe('image/png')
  expect([...new Uint8Array((await picture?.arrayBuffer()) ?? [])]).toEqual([1, 2, 3])
  expect(pictureOf('/images/products/1.svg')).toBeNull()
  expect(pictureOf('data:text/html;base64,AQID')).toBeNull()
})
