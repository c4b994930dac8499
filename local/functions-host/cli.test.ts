/** The host as a process of its own, with an app of ES modules that streams HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

interface Cli {
  url: string
  child: ChildProcess
  output(): string
  exit: Promise<number | null>
}

function spawnCli(
  app: string,
  ...args: string[]
): { child: ChildProcess; output(): string; exit: Promise<number | null> } {
  const child = spawn(
    process.execPath,
    [file('cli.mjs'), '--app-root', file(`fixtures/${app}`), '--port', '0', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  running.add(child)
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  return { child, output: () => text, exit: once(child, 'close').then(([code]) => code as number | null) }
}

async function startCli(app: string, ...args: string[]): Promise<Cli> {
  const cli = spawnCli(app, ...args)
  const { stdout } = cli.child
  while (stdout) {
    const match = /Functions host listening on (\S+)/.exec(cli.output())
    if (match?.[1]) return { ...cli, url: match[1] }
    if (cli.child.exitCode !== null) throw new Error(cli.output())
    await Promise.race([once(stdout, 'data'), once(cli.child, 'close')])
  }
  throw new Error('no output')
}

describe('an app of ES modules that streams', () => {
  test('hooks, parameters, streams, faults and the function timeout', { timeout: 60_000 }, async () => {
    const { url, output } = await startCli('streaming')
    const text = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).text()

    expect(output()).toContain(`params: [GET,POST] ${url}/params/{id:int}`)
    expect(output()).toContain('hook: appStart')
    expect(await text('/wrapped')).toBe('[inner]')
    expect(await text('/forgiven')).toBe('forgiven: true')
    expect((await fetch(`${url}/throws`)).status).toBe(500)
    // The model answers nothing to the host's proxy, which makes an error of it.
    expect((await fetch(`${url}/nothing`)).status).toBe(500)
    expect((await fetch(`${url}/params/x`)).status).toBe(404)
    expect(JSON.parse(await text('/params/4?q=1', { method: 'POST', body: 'hello' }))).toEqual({
      params: { id: '4', q: '1' },
      url: `${url}/params/4?q=1`,
      body: 'hello',
    })
    expect(await text('/logs')).toBe('logged')
    await expect.poll(output).toMatch(/logs warning: a \*{6} is out/)
    expect((await fetch(`${url}/tooLong`)).status).toBe(500)
    await expect.poll(output).toContain('Timeout value of 1 s exceeded by function: tooLong')
  })

  test('a body is answered while it is still being sent', { timeout: 60_000 }, async () => {
    const { url } = await startCli('streaming')
    const call = request(`${url}/upper`, { method: 'POST' })
    call.write('first ')
    const [response] = await once(call, 'response')
    response.setEncoding('utf8')
    expect((await once(response, 'data'))[0]).toBe('FIRST ')
    call.end('second')
    let rest = ''
    for await (const chunk of response) rest += chunk
    expect(rest).toBe('SECOND')
  })

  test('SIGTERM lets a request end, runs appTerminate and exits with 0', { timeout: 60_000 }, async () => {
    const { url, child, output, exit } = await startCli('streaming')
    const call = request(`${url}/slow`).end()
    await once(call, 'finish')
    await fetch(`${url}/wrapped`)
    child.kill('SIGTERM')
    const [response] = await once(call, 'response')
    let body = ''
    for await (const chunk of response) body += chunk
    expect(body).toBe('finished')
    expect(await exit).toBe(0)
    expect(output()).toContain('hook: appTerminate')
    await expect(fetch(`${url}/wrapped`)).rejects.toThrow()
  })
})

test('a binding that is not supported stops the start with its name', { timeout: 60_000 }, async () => {
  const { output, exit } = spawnCli('unsupported')
  expect(await exit).toBe(1)
  expect(output()).toContain('This host does not support the binding of: thumbnails (blobTrigger)')
})

test('a folder that is no app stops the start with what is missing', { timeout: 60_000 }, async () => {
  const { output, exit } = spawnCli('.')
  expect(await exit).toBe(1)
  expect(output()).toContain('No host.json in')
})
