import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** Bytes of what a page fetches for these files, as a server sends them: minified and with gzip. */
async function sizeOf(...files: string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: files.map((file) => `export * from './${file}'`).join('\n'), resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    external: files.includes('report.ts') ? ['./apiCalls.ts'] : ['./report.ts'],
    write: false,
  })
  return gzipSync(outputFiles[0]?.contents ?? '').length
}
const folder = fileURLToPath(new URL('.', import.meta.url))

// Issue 18: at most 3 KB on the first load. What comes after it competes with nothing, and is bounded all the same.
test('of 3 KB that telemetry may add to the first load it takes one', async () => {
  const size = await sizeOf('apiCalls.ts', 'whenTaken.ts')
  expect(size).toBeGreaterThan(300)
  expect(size).toBeLessThanOrEqual(1_000)
})

test('what is fetched when the page is loaded and idle is four, most of it Google’s library', async () => {
  const size = await sizeOf('report.ts')
  expect(size).toBeGreaterThan(3_000)
  expect(size).toBeLessThanOrEqual(4_200)
})
