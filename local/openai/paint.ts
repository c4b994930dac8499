/** Paints the stand-in's picture: a ball on a striped sea, its colours from the prompt, with "STAND-IN" written over it. */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'

/** Rows of the letters, five pixels each, a bit a pixel. */
const letters: Record<string, readonly number[]> = {
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  A: [14, 17, 17, 31, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  D: [30, 17, 17, 17, 17, 17, 30],
  '-': [0, 0, 0, 31, 0, 0, 0],
  I: [14, 4, 4, 4, 4, 4, 14],
}
const word = 'STAND-IN'
const wordWidth = word.length * 6 - 1

/** Their places in the palette. */
const colours = { sky: 0, sea: 1, ball: 2, ink: 3 } as const

/** A square PNG: the same bytes for the same prompt. */
export function paint(prompt: string, side: number): Buffer {
  const [hue = 0, where = 0, stripes = 0] = createHash('sha256').update(prompt).digest()
  const palette = [
    [236, 244, 248],
    ...[200, 20].map((turn) => fromHue((hue / 256) * 360 + turn)),
    [24, 36, 52],
  ].flat()

  const radius = side * 0.28
  const [x0, y0] = [side * (0.35 + (0.3 * where) / 256), side * 0.45]
  const cell = Math.floor((side * 0.8) / wordWidth)
  const [left, top] = [Math.floor((side - cell * wordWidth) / 2), Math.floor(side * 0.8)]
  const wave = side / (6 + (stripes % 5))

  /** The colour, as a number in the palette, of a pixel. */
  const colourAt = (x: number, y: number) => {
    const column = Math.floor((x - left) / cell)
    const row = Math.floor((y - top) / cell)
    const bits = letters[word[Math.floor(column / 6)] ?? '']?.[row]
    if (x >= left && bits !== undefined && (bits >> (4 - (column % 6))) & 1) return colours.ink
    if ((x - x0) ** 2 + (y - y0) ** 2 < radius ** 2) return colours.ball
    return y > side * 0.6 && Math.floor((y + wave * 0.2 * Math.sin(x / wave)) / (wave / 3)) % 2
      ? colours.sea
      : colours.sky
  }

  const rows = Buffer.alloc(side * (side + 1))
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) rows[y * (side + 1) + 1 + x] = colourAt(x, y)

  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  // Eight bits a pixel, colours from a palette.
  header.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette)),
    chunk('tEXt', Buffer.from('Comment\0Painted by a stand-in, without any model', 'latin1')),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, checksum])
}

/** A friendly colour of this hue, in degrees. */
function fromHue(hue: number): number[] {
  return [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12
    return Math.round(255 * (0.68 - 0.24 * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  })
}
