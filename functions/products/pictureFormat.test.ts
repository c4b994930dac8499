/** The first bytes are those of the formats' own specifications (PNG 5.2, JPEG B.1.1, GIF 17, RIFF/WebP, ISO/IEC 14496-12). */
import { describe, expect, test } from 'vitest'
import { formatOf, formatOfName } from './pictureFormat.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe('the format of a picture', () => {
  test.each([
    ['\x89PNG\r\n\x1a\nIHDR', 'image/png', 'png'],
    ['\xff\xd8\xff\xe0JFIF', 'image/jpeg', 'jpg'],
    ['GIF87a..', 'image/gif', 'gif'],
    ['GIF89a..', 'image/gif', 'gif'],
    ['RIFF\x10\0\0\0WEBPVP8 ', 'image/webp', 'webp'],
    ['\0\0\0\x1cftypavif\0\0\0\0', 'image/avif', 'avif'],
    ['\0\0\0\x1cftypavis\0\0\0\0', 'image/avif', 'avif'],
    ['\0\0\0\x20ftypmif1\0\0\0\0mif1miafavif', 'image/avif', 'avif'],
  ])('that begins with %j is %s', (start, contentType, extension) => {
    expect(formatOf(bytes(start))).toEqual({ contentType, extension })
  })

  test.each([
    '',
    '\x89PNG',
    ' \x89PNG\r\n\x1a\n',
    '\xff\xd8',
    'GIF88a',
    ' GIF89a',
    'RIFF\x10\0\0\0WAVEfmt ',
    'XXXX\x10\0\0\0WEBP',
    '\0\0\0\x18ftypisom\0\0\0\0mp42',
    '\0\0\0\x20ftypmif1\0\0\0\0miafXavif',
    '\0\0\0\x1cmoovavif',
    '<svg xmlns="http://www.w3.org/2000/svg">',
    'avif',
  ])('is none of a file that begins with %j', (start) => {
    expect(formatOf(bytes(start))).toBeNull()
  })
})

describe('the name of a stored picture', () => {
  const hash = '0123456789abcdef'.repeat(4)

  test.each(['png', 'jpg', 'gif', 'webp', 'avif'])('may end with .%s', (extension) => {
    expect(formatOfName(`${hash}.${extension}`)?.extension).toBe(extension)
  })

  test.each([
    `${hash}.svg`,
    `${hash}.PNG`,
    `${hash}`,
    `${hash}0.png`,
    `${hash.slice(1)}.png`,
    `x${hash}.png`,
    `${hash}.png.js`,
    `../${hash}.png`,
    '',
  ])('is not %j', (name) => expect(formatOfName(name)).toBeNull())
})
