/** Ten thousand requests that no client should send: the host stays up, forgets them, and serves a good client on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
let child: ChildProcess | undefined
let url: string
let port: number

async function start(environment: Record<string, string>) {
  const args = ['--expose-gc', file('cli.mjs'), '--app-root', file('fixtures/everything'), '--port', '0']
  const env = { ...process.env, ...environment }
  child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let listening: string | undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      if (listening === undefined) output += chunk
    })
  }
  listening = await vi.waitFor(
    () => {
      const match = /listening on (\S+)/.exec(output)?.[1]
      if (!match) throw new Error(output)
      return match
    },
    { timeout: 60_000, interval: 20 },
  )
  url = listening
  port = Number(new URL(url).port)
}

afterEach(async () => {
  if (!child || child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
})

const head = (line: string, ...headers: string[]) =>
  `${[line, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`
const post = (...headers: string[]) => head('POST /api/echo HTTP/1.1', ...headers)

/** What is sent, and the status of the answer; none: the client goes away without waiting for one. */
const cases: [name: string, bytes: string, status?: number][] = [
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
  ['an unknown method', head('BREW /api/echo HTTP/1.1'), 400],
  ['an unknown version', head('GET /api/echo HTTP/9.9'), 400],
  ['no Host', 'GET /api/echo HTTP/1.1\r\n\r\n', 400],
  ['a malformed Host', 'GET /api/echo HTTP/1.1\r\nHost: a/b@c d\r\n\r\n', 400],
  ['a Host that is no name', 'GET /api/echo HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
  ['a path of climbing dots', head('GET /api/../../../../etc/passwd HTTP/1.1'), 404],
  ['broken percent signs', head('GET /api/items/%zz%f HTTP/1.1'), 200],
  ['an encoded null', head('GET /api/%00 HTTP/1.1'), 400],
  ['a path of slashes', head(`GET ${'/'.repeat(2_000)} HTTP/1.1`), 404],
  ['a double slash that looks like a host', head('GET //evil.example/api/echo HTTP/1.1'), 404],
  ['a long path', head(`GET /api/items/${'x'.repeat(8_000)} HTTP/1.1`), 200],
  ['a path over the limit', head(`GET /api/items/${'x'.repeat(40_000)} HTTP/1.1`), 431],
  ['headers at the limit', head('GET /api/status HTTP/1.1', `X-Long: ${'h'.repeat(15_000)}`), 418],
  ['headers over the limit', head('GET /api/nothing HTTP/1.1', `X-Long: ${'h'.repeat(40_000)}`), 431],
  ['a header without a name', head('GET /api/echo HTTP/1.1', ': x'), 400],
  ['a control character in a header', head('GET /api/echo HTTP/1.1', 'X: a\x01b'), 400],
  ['a length that is no number', post('Content-Length: many'), 400],
  ['a negative length', post('Content-Length: -5'), 400],
  ['two lengths', `${post('Content-Length: 5', 'Content-Length: 6')}hello`, 400],
  ['a length and chunks', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}hello`, 400],
  ['a body over the limit', post('Content-Length: 999999999999'), 500],
  ['a broken chunk', `${post('Transfer-Encoding: chunked')}zz\r\nhello\r\n`],
  ['an upload that is aborted', `${post('Content-Length: 100000')}${'u'.repeat(500)}`],
  ['an upload that never begins', post('Content-Length: 100000')],
  ['half a head', 'GET /api/echo HTTP/1.1\r\nHost: loc'],
  ['an answer nobody waits for', head('GET /api/slow?ms=5 HTTP/1.1')],
]

/** Sends bytes and answers the status that came back; undefined where the client left first or nothing came. */
function send(bytes: string, wait: boolean): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const end = () => {
      socket.destroy()
      resolve(answer ? Number(answer.slice(9, 12)) : undefined)
    }
    socket.on('connect', () => socket.write(bytes, 'latin1', () => void (wait || end())))
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      if (answer.length >= 12) end()
    })
    socket.on('error', end)
    socket.on('close', end)
  })
}

async function malformed(count: number): Promise<string[]> {
  const wrong: string[] = []
  let next = 0
  const workers = Array.from({ length: 50 }, async () => {
    while (next < count) {
      const [name, bytes, status] = cases[next++ % cases.length] ?? ['', '']
      const answered = await send(bytes, status !== undefined)
      if (status !== undefined && answered !== status) wrong.push(`${name}: ${answered}, not ${status}`)
    }
  })
  await Promise.all(workers)
  return [...new Set(wrong)]
}

const heap = async () => Number(await (await fetch(`${url}/api/memory`)).text())

/** Calls whose functions throw, or return nothing. */
async function failing(count: number, ofNothing: number) {
  let next = 0
  const workers = Array.from({ length: 20 }, async () => {
    while (next++ < count) {
      const [path, status] = next % 2 ? ['throws', 500] : ['nothing', ofNothing]
      const response = await fetch(`${url}/api/${path}`)
      await response.arrayBuffer()
      if (response.status !== status) throw new Error(`${path} answered ${response.status}`)
    }
  })
  await Promise.all(workers)
}

test.each([
  { mode: 'buffered', count: 10_000, ofNothing: 204, environment: {} },
  { mode: 'streaming', count: 3_000, ofNothing: 500, environment: { STREAM_HTTP: 'true' } },
])('$count of them change nothing for an app whose HTTP is $mode', { timeout: 180_000 }, async (given) => {
  await start(given.environment)
  let sending = true
  const faults: unknown[] = []
  const healthy = (async () => {
    for (let count = 0; sending; count++) {
      const response = await fetch(`${url}/api/echo?n=${count}`, { method: 'POST', body: `body ${count}` })
      const { query, body } = (await response.json()) as { query: { n: string }; body: string }
      if (query.n !== String(count) || body !== `body ${count}`) faults.push({ count, query, body })
      // It is there all the time, and leaves most of the machine to the others.
      await wait(10)
    }
  })().catch((error: unknown) => faults.push(error))

  expect(await malformed(1_000)).toEqual([])
  await failing(200, given.ofNothing)
  const before = await heap()
  expect(await malformed(given.count - 1_000)).toEqual([])
  await failing(3_000, given.ofNothing)
  sending = false
  await healthy
  expect(faults).toEqual([])
  expect(child?.exitCode).toBeNull()
  await vi.waitFor(async () => expect(await heap()).toBeLessThan(before + 5_000_000), { timeout: 30_000 })
})
