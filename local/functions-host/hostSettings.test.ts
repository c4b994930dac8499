/**
 * The settings of the host that Microsoft documents ("App settings reference for Azure Functions"): each is followed,
 * means nothing here, or is named at the start. The home page: HomepageMiddleware.cs of the real host.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostSettings, settingRemarks } from './hostSettings.ts'
import { startFunctionsHost } from './index.ts'

let appRoot: string
const lines: string[] = []

beforeAll(async () => {
  appRoot = await mkdtemp(join(tmpdir(), 'host-settings-'))
  const functionsModule = createRequire(import.meta.url).resolve('@azure/functions')
  await writeFile(
    join(appRoot, 'app.cjs'),
    `const { app } = require(${JSON.stringify(functionsModule)})
    app.http('echo', {
      methods: ['GET', 'POST'],
      handler: async (request) => ({ jsonBody: [process.env.AZURE_FUNCTIONS_ENVIRONMENT, await request.text()] }),
    })
    app.timer('daily', { schedule: '0 0 9 * * *', handler: () => {} })`,
  )
  await writeFile(join(appRoot, 'package.json'), '{ "main": "app.cjs" }')
  await writeFile(join(appRoot, 'host.json'), '{ "version": "2.0" }')
  const Values = { AZURE_FUNCTIONS_ENVIRONMENT: 'Production', FUNCTIONS_WORKER_RUNTIME: 'node' }
  await writeFile(join(appRoot, 'local.settings.json'), JSON.stringify({ Values }))
})
afterAll(() => rm(appRoot, { recursive: true }))

/** What a path answers under a host with settings: its status and text. */
async function ask(settings: Record<string, string>, path: string, body?: string) {
  lines.length = 0
  const host = await startFunctionsHost({
    appRoot,
    port: 0,
    settings,
    log: { write: (line) => void lines.push(line), coloured: false },
  })
  try {
    const answer = await fetch(host.url + path, body === undefined ? {} : { method: 'POST', body })
    return { status: answer.status, text: await answer.text() }
  } finally {
    await host.close()
  }
}

/** What shows that a setting is followed. */
const shown: Readonly<Record<string, () => Promise<void>>> = {
  async AZURE_FUNCTIONS_ENVIRONMENT() {
    expect((await ask({}, '/api/echo')).text).toBe('["Development",""]')
    const given = await ask({ AZURE_FUNCTIONS_ENVIRONMENT: 'Staging' }, '/api/echo')
    expect(given.text).toBe('["Staging",""]')
  },
  async 'AzureFunctionsJobHost__*'() {
    const settings = { AzureFunctionsJobHost__extensions__http__routePrefix: 'v2' }
    expect((await ask(settings, '/v2/echo')).status).toBe(200)
  },
  async AzureFunctionsWebHost__hostid() {
    const { text } = await ask({ AzureFunctionsWebHost__hostid: 'mine' }, '/admin/host/status')
    expect(JSON.parse(text)).toMatchObject({ id: 'mine' })
  },
  async 'AzureWebJobs.*.Disabled'() {
    expect((await ask({ 'AzureWebJobs.echo.Disabled': 'true' }, '/api/echo')).status).toBe(404)
  },
  async AzureWebJobsDisableHomepage() {
    expect((await ask({}, '/')).status).toBe(200)
    expect(await ask({ AzureWebJobsDisableHomepage: 'True' }, '/')).toEqual({ status: 204, text: '' })
  },
  async AzureWebJobsStorage() {
    await ask({}, '/')
    expect(lines.join('')).toContain('The setting AzureWebJobsStorage is missing')
    await ask({ AzureWebJobsStorage: 'nonsense' }, '/')
    expect(lines.join('')).toContain('the setting AzureWebJobsStorage is no connection string')
  },
  async FUNCTIONS_REQUEST_BODY_SIZE_LIMIT() {
    const settings = { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '3' }
    expect((await ask(settings, '/api/echo', 'abc')).status).toBe(200)
    expect((await ask(settings, '/api/echo', 'abcd')).status).toBe(500)
  },
  async FUNCTIONS_WORKER_RUNTIME() {
    await ask({ FUNCTIONS_WORKER_RUNTIME: 'python' }, '/')
    expect(lines.join('')).toContain('FUNCTIONS_WORKER_RUNTIME is "python"')
  },
  async WEBSITE_TIME_ZONE() {
    await expect(ask({ WEBSITE_TIME_ZONE: 'Mars/Olympus' }, '/')).rejects.toThrow('WEBSITE_TIME_ZONE')
  },
}

const settings = Object.entries(hostSettings)

test.each(settings.filter(([, treatment]) => treatment === 'followed'))('%s is followed', async (name) => {
  await shown[name]?.()
  expect(shown).toHaveProperty([name])
})

test.each(settings.filter(([, treatment]) => treatment === 'azure'))('%s means nothing here', (name) => {
  expect(settingRemarks({ [name]: 'x' })).toEqual([])
})

test.each(settings.filter(([, treatment]) => typeof treatment === 'object'))(
  '%s is named',
  (name, treatment) => {
    const { remark } = treatment as { remark: string }
    expect(settingRemarks({ [name]: 'x' })).toEqual([`The setting "${name}" is not followed: ${remark}.`])
    expect(settingRemarks({ [name]: '' })).toEqual([])
  },
)

test.each([
  ['FUNCTIONS_EXTENSION_VERSION', '~4'],
  ['FUNCTIONS_WORKER_PROCESS_COUNT', '1'],
  ['AzureWebJobsSecretStorageType', 'files'],
  ['AzureWebJobsFeatureFlags', 'EnableWorkerIndexing'],
])('%s is not, where it asks for what is so: %s', (name, value) => {
  expect(settingRemarks({ [name]: value })).toEqual([])
})

test('names have no case and colons for underscores; a misspelt one of the host is named, the own are not', () => {
  expect(settingRemarks({ 'languageworkers:node:arguments': '--inspect' })).toHaveLength(1)
  expect(settingRemarks({ languageWorkers__node__argument: '--inspect', GREETING: 'x' })).toEqual([
    'The host knows no setting "languageWorkers__node__argument". Is it misspelt?',
  ])
})

test('what is named is named at the start', async () => {
  await ask({ languageWorkers__node__arguments: '--inspect' }, '/')
  expect(lines.join('')).toContain(
    '"languageWorkers__node__arguments" is not followed: the app runs in the process',
  )
})
