/** The formats that a picture may have, told from its bytes and never from what the client calls it. Pure. */

export interface PictureFormat {
  extension: string
  contentType: string
}

const png = { extension: 'png', contentType: 'image/png' }
const jpeg = { extension: 'jpg', contentType: 'image/jpeg' }
const gif = { extension: 'gif', contentType: 'image/gif' }
const webp = { extension: 'webp', contentType: 'image/webp' }
const avif = { extension: 'avif', contentType: 'image/avif' }

const formats: readonly PictureFormat[] = [png, jpeg, gif, webp, avif]

/** The format of a picture by its first bytes; null when it is none of those the store takes. SVG can run script and is not among them. */
export function formatOf(bytes: Uint8Array): PictureFormat | null {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1')
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return png
  if (start.startsWith('\xff\xd8\xff')) return jpeg
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return gif
  if (start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP') return webp
  // ISO base media: the box `ftyp` with its major brand, a version, and the compatible brands.
  if (start.slice(4, 8) === 'ftyp' && /^avi[fs]|^.{8}(?:.{4})*?avi[fs]/s.test(start.slice(8))) return avif
  return null
}

/** The format that a stored picture's name ends with, or null when no picture has such a name. */
export function formatOfName(name: string): PictureFormat | null {
  const extension = /^[0-9a-f]{64}\.([a-z]{3,4})$/.exec(name)?.[1]
  return formats.find((format) => format.extension === extension) ?? null
}
