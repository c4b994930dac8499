/** `local.settings.json` and `host.json`, in the forms that the real host and `func` take. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readHostConfig } from './hostConfig.ts'
import { hostOptions } from './hostOptions.ts'
import { startFunctionsHost } from './index.ts'
import { retryDelay } from './retry.ts'
import { isDisabled, localHostParts, localSettingsParts, readSettings } from './settings.ts'

let appRoot: string
const functionsModule = createRequire(import.meta.url).resolve('@azure/functions')

beforeEach(async () => {
  appRoot = await mkdtemp(join(tmpdir(), 'settings-'))
})
afterEach(() => rm(appRoot, { recursive: true }))

const write = (file: string, content: unknown) =>
  writeFile(join(appRoot, file), typeof content === 'string' ? content : JSON.stringify(content))

describe('local.settings.json', () => {
  const read = async (content: unknown, environment = {}, given = {}) => {
    await write('local.settings.json', content)
    return readSettings(appRoot, environment, given)
  }

  test('the environment is laid over its values, what the caller gives over both', async () => {
    const Values = { A: 'file', B: 'file', C: 'file' }
    const { settings } = await read({ Values }, { B: 'environment', C: 'environment' }, { C: 'given' })
    expect(settings).toEqual({ A: 'file', B: 'environment', C: 'given' })
  })

  test('a value may be true or a number, and becomes text; null is none', async () => {
    const Values = {
      'AzureWebJobs.one.Disabled': true,
      'AzureWebJobs.two.Disabled': false,
      SIZE: 5,
      NONE: null,
    }
    const { settings } = await read({ Values })
    expect(settings).toEqual({
      'AzureWebJobs.one.Disabled': 'true',
      'AzureWebJobs.two.Disabled': 'false',
      SIZE: '5',
    })
    expect([isDisabled('one', settings), isDisabled('two', settings)]).toEqual([true, false])
  })

  test.each([
    [{ A: { B: 'c' } }, '"Values.A" is an object'],
    [{ L: ['x', 'y'] }, '"Values.L" is a list'],
  ])('a value with parts is refused by its key: %j', async (Values, reason) => {
    await expect(read({ Values })).rejects.toThrow(reason)
  })

  test('a byte order mark, comments and trailing commas are passed over', async () => {
    const text = `\uFEFF{
      // the broker
      "Values": {
        "URL": "http://a//b", /* two
        lines */ "TEXT": "/* no comment */ , } \\" //",
      },
    }`
    const { settings } = await read(text)
    expect(settings).toEqual({ URL: 'http://a//b', TEXT: '/* no comment */ , } " //' })
  })

  test('what is wrong is said', async () => {
    await expect(read('{ "Values": {\n"A": }')).rejects.toThrow(
      'local.settings.json is not valid JSON: Unexpected token',
    )
    await expect(read({ IsEncrypted: true, Values: {} })).rejects.toThrow('func settings decrypt')
  })

  test('connection strings and the part for the host', async () => {
    const { settings, local } = await read({
      ConnectionStrings: { Plain: 'one', Long: { ConnectionString: 'two', ProviderName: 'x' } },
      Host: { LocalHttpPort: 7099, CORS: 'http://localhost:1, http://localhost:2/', CORSCredentials: true },
    })
    expect(settings).toEqual({ 'ConnectionStrings:Plain': 'one', 'ConnectionStrings:Long': 'two' })
    expect(local).toEqual({
      port: 7099,
      cors: ['http://localhost:1', 'http://localhost:2'],
      corsCredentials: true,
      remarks: [],
    })
  })
})

describe('the parts of local.settings.json', () => {
  const read = async (content: object) => {
    await write('local.settings.json', content)
    return (await readSettings(appRoot, {}, {})).local
  }

  test('each that is documented is known, and one that is not is named', async () => {
    const values: Record<string, unknown> = { IsEncrypted: false, LocalHttpPort: 7099 }
    const all = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, values[name] ?? {}]))
    const Host = { LocalHttpPort: '7099', CORS: '*', CORSCredentials: 'false' }
    expect(Object.keys(Host)).toEqual(localHostParts)
    expect((await read({ ...all(localSettingsParts), Host })).remarks).toEqual([])
    expect((await read({ Valeus: {}, Host: { LocalHttpsPort: 1 } })).remarks).toEqual([
      'local.settings.json: there is no option "Valeus". Is it misspelt?',
      'local.settings.json: there is no option "Host.LocalHttpsPort". Is it misspelt?',
    ])
  })

  test.each(['seven', 70_000, -1, 1.5])('a port that is none is refused: %j', async (LocalHttpPort) => {
    await expect(read({ Host: { LocalHttpPort } })).rejects.toThrow(
      `must be a number from 0 to 65535, not ${JSON.stringify(LocalHttpPort)}`,
    )
  })
})

describe('host.json', () => {
  const read = async (content: unknown, settings = {}) => {
    await write('host.json', content)
    return readHostConfig(appRoot, settings)
  }

  test('a byte order mark, comments and trailing commas are passed over', async () => {
    const config = await read(
      '\uFEFF{ // ours\n "version": "2.0", "extensions": { "http": { "routePrefix": "v1" }, }, }',
    )
    expect(config.routePrefix).toBe('v1')
  })

  test('settings override its parts, also in lists and where it has none', async () => {
    const config = await read(
      { version: '2.0', functions: ['a', 'b'], extensions: { serviceBus: { maxConcurrentCalls: 4 } } },
      {
        AzureFunctionsJobHost__functions__0: 'c',
        AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls: '2',
        AzureFunctionsJobHost__extensions__serviceBus__autoCompleteMessages: 'False',
        AzureFunctionsJobHost__extensions__http__routePrefix: '',
        AzureFunctionsJobHost__logging__logLevel__default: 'Error',
        AzureFunctionsJobHost__functionTimeout: '-1',
      },
    )
    expect(config).toMatchObject({
      functions: ['c', 'b'],
      serviceBus: { maxConcurrentCalls: 2, autoCompleteMessages: false },
      routePrefix: '',
      logLevels: { default: 'error' },
      functionTimeout: undefined,
    })
    const none = await read({ version: '2.0' }, { AzureFunctionsJobHost__functions__0: 'only' })
    expect(none.functions).toEqual(['only'])
  })

  test('a retry policy of the whole app', async () => {
    const { retry } = await read({
      version: '2.0',
      retry: {
        strategy: 'exponentialBackoff',
        maxRetryCount: 5,
        minimumInterval: '00:00:02',
        maximumInterval: '00:00:10',
      },
    })
    if (!retry) throw new Error('no policy')
    expect(retry.maxRetryCount).toBe(5)
    const delays = (random: number) =>
      [0, 1, 2, 3].map((attempt) => Math.round(retryDelay(retry, attempt, () => random)))
    expect(delays(0.5)).toEqual([2_000, 4_000, 8_000, 10_000])
    expect(delays(0)).toEqual([2_000, 3_200, 6_400, 10_000])
    expect(delays(1)).toEqual([2_400, 4_800, 9_600, 10_000])
  })

  test.each([
    [{}, '"version": "2.0"'],
    ['{ "version" "2.0" }', 'host.json is not valid JSON'],
    [{ version: '2.0', functionTimeout: 'soon' }, '"soon" is not a time span'],
    [{ version: '2.0', functionTimeout: -5 }, '"-5" is not a time span'],
  ])('%j is refused', async (content, reason) => {
    await expect(read(content)).rejects.toThrow(reason)
  })
})

describe('a start', () => {
  const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
  const start = (app: string, settings: Record<string, string>, port = 0) =>
    startFunctionsHost({ appRoot: fixture(app), port, settings, log: { write() {}, coloured: false } })

  test('loads only the functions that are listed', async () => {
    const host = await start('everything', {
      AzureFunctionsJobHost__functions__0: 'tick',
      AzureFunctionsJobHost__functions__1: 'seen',
      TIMER_SCHEDULE: '0 0 0 1 1 *',
    })
    expect(host.functions.map(({ name }) => name).toSorted()).toEqual(['seen', 'tick'])
    await host.close()
  })

  const bus =
    'Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=key;UseDevelopmentEmulator=true;'
  test.each([
    ['nonsense', 'the setting "Bus" is no Service Bus connection string'],
    [
      'Endpoint=sb://localhost;SharedAccessKeyName=Root',
      'the setting "Bus" is no Service Bus connection string',
    ],
    ['', 'needs the setting "Bus"'],
  ])('with the connection string "%s" says which setting is wrong', async (Bus, reason) => {
    await expect(start('messages', { Bus })).rejects.toThrow(reason)
  })

  test('that fails late leaves nothing behind', async () => {
    const probe = await start('everything', {})
    await probe.close()
    // The SDK refuses the string only when a receiver is made: by then the host listens.
    await expect(start('messages', { Bus: `${bus}EntityPath=elsewhere` }, probe.port)).rejects.toThrow(
      'EntityPath',
    )
    await expect(fetch(`http://localhost:${probe.port}/`)).rejects.toThrow('fetch failed')
  })
})

describe('the options of host.json', () => {
  /** A host.json with one option. */
  const withOption = (path: string, value: unknown) =>
    path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object
  const values: Record<string, unknown> = {
    version: '2.0',
    functionTimeout: '00:01:00',
    functions: ['one'],
    retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: '00:00:01' },
    'logging.logLevel': { default: 'Error' },
    'extensions.http.routePrefix': 'other',
    'extensions.http.customHeaders': { 'x-a': 'b' },
    'extensions.serviceBus.autoCompleteMessages': false,
    'extensions.serviceBus.maxBatchWaitTime': '00:00:07',
    'extensions.serviceBus.maxAutoLockRenewalDuration': '00:00:07',
    'extensions.serviceBus.sessionIdleTimeout': '00:00:07',
  }
  const read = async (content: object) => {
    await write('host.json', { version: '2.0', ...content })
    return readHostConfig(appRoot, {})
  }

  test.each(Object.entries(hostOptions))(
    '%s is followed, or named at the start: %s',
    async (path, treatment) => {
      const { remarks: none, ...plain } = await read({})
      expect(none).toEqual([])
      const { remarks, ...config } = await read(withOption(path, values[path] ?? 7))
      if (treatment === 'followed') {
        if (path !== 'version') expect(config).not.toEqual(plain)
        expect(remarks).toEqual([])
      } else if (treatment === 'azure') expect(remarks).toEqual([])
      else expect(remarks).toEqual([`host.json: "${path}" is not followed: ${treatment}.`])
    },
  )

  test.each(['extensions.http.routePrefx', 'loging', 'logging.loglevel.default', 'extensions.rabbit.x'])(
    'one that does not exist is named: %s',
    async (path) => {
      expect((await read(withOption(path, 'x'))).remarks).toEqual([
        `host.json: there is no option "${path}". Is it misspelt?`,
      ])
    },
  )
})

test('headers for every answer, and a word where the worker is not that of Node.js', async () => {
  const lines: string[] = []
  await write('host.json', {
    version: '2.0',
    extensions: { http: { customHeaders: { 'X-Frame-Options': 'DENY' }, hsts: {} } },
  })
  await write('package.json', { main: 'app.cjs' })
  await write(
    'app.cjs',
    `require(${JSON.stringify(functionsModule)}).app.get('a', { handler: () => ({ body: 'a' }) })`,
  )
  const host = await startFunctionsHost({
    appRoot,
    port: 0,
    settings: { FUNCTIONS_WORKER_RUNTIME: 'dotnet-isolated' },
    log: { write: (line) => void lines.push(line), coloured: false },
  })
  try {
    for (const path of ['/api/a', '/nothing'])
      expect((await fetch(host.url + path)).headers.get('x-frame-options')).toBe('DENY')
    expect(lines.join('')).toContain('FUNCTIONS_WORKER_RUNTIME is "dotnet-isolated"')
    expect(lines.join('')).toContain('"extensions.http.hsts" is not followed')
  } finally {
    await host.close()
  }
})

test('a function name that differs from another by case only is refused', async () => {
  await write('host.json', { version: '2.0' })
  await write('package.json', { main: 'app.cjs' })
  await write(
    'app.cjs',
    `const { app } = require(${JSON.stringify(functionsModule)})
for (const name of ['HttpTrigger1', 'HTTPTrigger1']) app.get(name, { route: name + '/x', handler: () => ({}) })`,
  )
  await expect(startFunctionsHost({ appRoot, port: 0 })).rejects.toThrow('differ by case only')
})
