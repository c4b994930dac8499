/**
 * What reaches Application Insights, as docs/azure.md promises it. Sources: "How to configure monitoring for Azure
 * Functions" (Microsoft Learn: categories and their tables, all of them at the level Information; the longest match
 * counts; types that are excluded from sampling); for `console` the host's WorkerConstants.cs and
 * LanguageWorkerConsoleLogService.cs (what a worker writes to its output is logged as "Host.Function.Console").
 */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTelemetrySettings } from '../../functions/platform/telemetry/settings.ts'
import { sourceStack } from '../../infra/stack.ts'
import { buildIfStale } from '../../local/cloud/builds.ts'
import { root } from '../../local/root.ts'

const host = JSON.parse(await readFile(join(root, 'host.json'), 'utf8'))
const { logging } = host
const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical', 'None']

function isKept(category: string, level: string): boolean {
  const rules: Record<string, string> = logging.logLevel
  const [rule = 'default'] = Object.keys(rules)
    .filter((name) => category === name || category.startsWith(`${name}.`))
    .sort((a, b) => b.length - a.length)
  return levels.indexOf(level) >= levels.indexOf(rules[rule] as string)
}

test.each([
  ['requests that went well', 'Host.Results'],
  ['metrics of what went well', 'Host.Aggregator'],
  ['dependencies', 'Function.placeOrder'],
  ['what a function logs', 'Function.placeOrder.User'],
  ['what a use case writes with console', 'Host.Function.Console'],
])('%s are kept', (_, category) => {
  expect(isKept(category, 'Information')).toBe(true)
})

test.each(['Host.Startup', 'Microsoft.AspNetCore.Hosting', 'Worker.rpcWorkerProcess', 'Azure.Core'])(
  'of %s only warnings are',
  (category) => {
    expect(isKept(category, 'Information')).toBe(false)
    expect(isKept(category, 'Warning')).toBe(true)
  },
)

// Azure/azure-functions-host, OpenTelemetryConfigurationExtensions.cs: the key stands at the root; requests are then spans
// of the host, which `samplingSettings` says nothing of, but OTEL_TRACES_SAMPLER does.
test('the host exports spans, also those of cold starts, which it loses otherwise', () => {
  expect(host.telemetryMode).toBe('OpenTelemetry')
  expect(logging).not.toHaveProperty('applicationInsights')
})

test('alerts count only what is never sampled', async () => {
  const settings = await readFile(join(root, 'infra', 'settings.bicep'), 'utf8')
  const valueIn = (name: string) => new RegExp(`${name}: '(.+)'`).exec(settings)?.[1]
  const sampler = {
    OTEL_TRACES_SAMPLER: valueIn('OTEL_TRACES_SAMPLER'),
    OTEL_TRACES_SAMPLER_ARG: valueIn('OTEL_TRACES_SAMPLER_ARG'),
  }
  // What the app makes of it; the host takes the same two (azure-functions-host#11568).
  const read = readTelemetrySettings(
    { ...sampler, APPLICATIONINSIGHTS_CONNECTION_STRING: connection },
    (name) => {
      throw new Error(name)
    },
  )
  expect(read?.sampling).toEqual({ share: 1 })
  const alerts = await readFile(join(root, 'infra', 'alerts.bicep'), 'utf8')
  const tables = [...alerts.matchAll(/query: '(\w+)/g)].map(([, table]) => table)
  expect(tables).not.toEqual([])
  for (const table of tables)
    expect(['AppRequests', 'AppDependencies', 'AppExceptions', 'AppMetrics']).toContain(table)
})

const connection = 'InstrumentationKey=00000000-0000-4000-8000-000000000000'

test('a stack of the bundle is named in the sources', async () => {
  await buildIfStale('functions')
  // A wrong setting is told by an error of platform/config.ts, whose stack names the bundle.
  const script = `try { require('./functions.cjs') } catch (error) { console.log(error.stack) }`
  const env = { PATH: process.env.PATH, ROLES: 'nobody' }
  const stack = execFileSync(process.execPath, ['-e', script], {
    cwd: join(root, 'dist'),
    env,
    encoding: 'utf8',
  })
  expect(stack).toContain('functions.cjs:')
  expect(await sourceStack(stack)).toMatch(/\(functions\/platform\/\w+\.ts:\d+:\d+\)/)
  expect(await sourceStack('at x (unknown.cjs:1:2)')).toBe('at x (unknown.cjs:1:2)')
})
