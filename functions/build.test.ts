import { build, type Metafile } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { buildOptions } from './build.ts'

let metafile: Metafile
beforeAll(async () => {
  metafile = (await build({ ...buildOptions, write: false, metafile: true })).metafile
})

test('a start loads no SDK, and nothing but a call to a model loads the SDK of the models', async () => {
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

test('without an exporter a start reads neither the SDK of telemetry nor an exporter', async () => {
  const app = metafile.outputs['dist/functions.cjs']
  const sdks = /node_modules\/@(opentelemetry\/(sdk|exporter|otlp|resources)|azure\/monitor)/
  expect(Object.keys(app?.inputs ?? {}).filter((path) => sdks.test(path))).toEqual([])
  const sdk = Object.keys(metafile.outputs['dist/telemetry-sdk.cjs']?.inputs ?? {})
  expect(sdk.some((path) => path.includes('@opentelemetry/sdk-trace'))).toBe(true)
  // What it is started with costs the first answer; exporters and metrics come later.
  expect(sdk.filter((path) => /@opentelemetry\/(exporter|otlp|sdk-metrics)|@azure/.test(path))).toEqual([])
})
