import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { buildOptions } from './build.ts'

test('nothing but a call to a model loads the SDK of the models', async () => {
  const { metafile } = await build({ ...buildOptions, write: false, metafile: true })
  const app = metafile.outputs['dist/functions.cjs']
  expect(Object.keys(app?.inputs ?? {}).filter((path) => path.includes('node_modules/openai/'))).toEqual([])
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
  expect(importing).toEqual([
    ['functions/ai/failures.ts', 'dynamic-import'],
    ['functions/ai/provider.ts', 'dynamic-import'],
  ])
})
