import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { buildOptions } from './build.ts'

test('a start loads no SDK, and nothing but a call to a model loads the SDK of the models', async () => {
  const { metafile } = await build({ ...buildOptions, write: false, metafile: true })
  const app = metafile.outputs['dist/functions.cjs']
  const sdks = /node_modules\/(openai|@azure\/(cosmos|identity|service-bus|storage-blob))\//
  expect(Object.keys(app?.inputs ?? {}).filter((path) => sdks.test(path))).toEqual([])
  expect(Object.keys(metafile.outputs['dist/openai.cjs']?.inputs ?? {})).toContain(
    'node_modules/openai/index.mjs',
  )

  const importing = Object.entries(metafile.inputs)
    .filter(
      ([path, { imports }]) =>
        path.startsWith('functions/') && imports.some((i) => i.path.includes('openai')),
    )
    .map(([path, { imports }]) => [
      path,
      ...new Set(imports.filter((i) => i.path.includes('openai')).map((i) => i.kind)),
    ])
  expect(importing).toEqual([['functions/ai/sdk.ts', 'dynamic-import']])
})
