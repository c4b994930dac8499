/** What holds for an app whose HTTP is buffered and for one that streams alike: hooks, keys, the limit on bodies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionsHost, startFunctionsHost } from './index.ts'

const appRoot = fileURLToPath(new URL('fixtures/everything', import.meta.url))

describe.each([
  { mode: 'buffered', settings: {} },
  { mode: 'streaming', settings: { STREAM_HTTP: 'true' } },
])('an app whose HTTP is $mode', ({ mode, settings }) => {
  const lines: string[] = []
  let keysFolder: string
  let host: FunctionsHost

  beforeAll(async () => {
    keysFolder = await mkdtemp(join(tmpdir(), 'keys-'))
    host = await startFunctionsHost({
      appRoot,
      port: 0,
      enableAuth: true,
      keysFolder,
      settings: { HOOKS: 'true', FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000', ...settings },
      log: { write: (line) => void lines.push(line), coloured: false },
    })
  })
  afterAll(async () => {
    await host?.close()
    if (keysFolder) await rm(keysFolder, { recursive: true })
  })

  test('is served in its mode', async () => {
    const { headers } = await fetch(`${host.url}/api/hooked`)
    // The model marks what it streams.
    expect(headers.has('x-ms-invocation-id')).toBe(mode === 'streaming')
  })

  test('hooks before an invocation may replace the handler, those after it the result', async () => {
    expect(await (await fetch(`${host.url}/api/hooked`)).text()).toBe('[inner]')
    const response = await fetch(`${host.url}/api/forgiven`)
    expect([response.status, await response.text()]).toEqual([200, 'forgiven: started, forgiven'])
  })

  test('hooks see what is logged, and may change it', async () => {
    await fetch(`${host.url}/api/hooked`)
    expect(lines.join('')).toMatch(/hooked warning: a \*{6} is out/)
  })

  test('keys are checked before the function runs', async () => {
    const call = async (key: string) =>
      (await fetch(`${host.url}/api/keyed`, { headers: { 'x-functions-key': key } })).status
    expect(await call('wrong')).toBe(401)
    expect(await call(host.keys?.defaultKey ?? '')).toBe(200)
  })

  test('a body over the limit is refused', async () => {
    const send = async (size: number) => {
      const response = await fetch(`${host.url}/api/length`, { method: 'POST', body: Buffer.alloc(size) })
      return [response.status, await response.text()]
    }
    expect(await send(1_000)).toEqual([200, '1000'])
    // Kestrel's own 413 reaches the real host as an error of the function.
    expect(await send(1_001)).toEqual([500, ''])
    expect(lines.at(-1)).toContain('The body is larger than 1000 bytes.')
  })

  // Streaming: the model makes `params` of the trigger's binding data (`createStreamRequest`), which hold the query but
  // for the key (`HttpTriggerAttributeBindingProvider`), and gets the address from YARP (`RequestUtilities.EncodePath`).
  test('request.params and request.url', async () => {
    const response = await fetch(`${host.url}/api/address/%ff%2F%zz?PATH=1&b=2&b=3&code=x`)
    const { url, params } = (await response.json()) as { url: string; params: object }
    if (mode === 'buffered') {
      expect(params).toEqual({ path: '%ff%2F%zz' })
      expect(url).toBe(`${host.url}/api/address/%ff%2F%25zz?PATH=1&b=2&b=3&code=x`)
    } else {
      expect(params).toEqual({ PATH: '%ff%2F%zz', b: '2,3' })
      expect(url).toBe(`${host.url}/api/address/%25ff%252F%25zz?PATH=1&b=2&b=3&code=x`)
    }
  })

  test('a function that returns nothing', async () => {
    const response = await fetch(`${host.url}/api/nothing`)
    expect([response.status, await response.text()]).toEqual([mode === 'buffered' ? 204 : 500, ''])
  })

  test('a stop runs appTerminate', async () => {
    await host.close()
    expect(process.env.HOOKS_TERMINATED).toBe('yes')
    delete process.env.HOOKS_TERMINATED
  })
})
