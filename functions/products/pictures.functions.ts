import { limits, type StoredPicture } from '@store/contract'
import { matchesWeakly } from '../platform/etag.ts'
import { adminOnly, open, readBytes } from '../platform/http.ts'
import { notFound, ProblemError } from '../platform/problem.ts'
import { formatOfName } from './pictureFormat.ts'
import { readPicture } from './pictureStore.ts'
import { storePicture } from './pictures.ts'

/** POST /api/products/images: the body is the picture itself; its bytes say what it is. */
export const uploadPicture = adminOnly(async (request) => {
  // Without a type a page of another site could send it without the browser asking first.
  if (!/^(image\/|application\/octet-stream)/i.test(request.headers.get('content-type') ?? '')) {
    throw new ProblemError(415, "A picture's content type is image/… or application/octet-stream.")
  }
  const image = await storePicture(await readBytes(request, limits.pictureBytes))
  return { status: 201, headers: { location: image }, jsonBody: { image } satisfies StoredPicture }
})

/** GET /api/products/images/{name}: what is at a name never changes, so browsers may keep it for good. */
export const getPicture = open(async (request) => {
  const name = request.params.name ?? ''
  const format = formatOfName(name)
  const headers = { 'cache-control': 'public, max-age=31536000, immutable' }
  // Its name is the hash of its bytes, which no release answers otherwise.
  const etag = `"${name}"`
  if (format && matchesWeakly(request.headers.get('if-none-match'), etag))
    return { status: 304, headers: { ...headers, etag } }
  const body = format && (await readPicture(name))
  if (!body) throw notFound('This picture')
  return { headers: { ...headers, etag, 'content-type': format.contentType }, body }
})
