/**
 * The emulator as the local cloud runs it, in front of an API that answers, resets and breaks off. The odd requests are
 * those of public reports: Azure/static-web-apps-cli#84 (a cookie that is no JSON), and what scanners send.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Part, startPart } from '../cloud/part.ts'
import { choosePorts } from '../cloud/ports.ts'
import { root } from '../root.ts'

let folder: string
let emulator: Part
let port: number
let ended: Error | undefined
let lastHeaders: IncomingMessage['headers'] = {}
/** Those who ask who they are, all in one packet. */
const users = ['ann', 'bob', 'cem', 'dan']
/** Who the API was told is signed in, by who was; it answers when all have asked, for the first answer ends the connection. */
const principals = new Map<string, string>()
let allHaveAsked = Promise.withResolvers<void>()

// It takes as much as the Functions host does.
const api = createServer({ maxHeaderSize: 64 * 1024 }, async (request, response) => {
  lastHeaders = request.headers
  const [, user] = request.url?.split('/api/who?') ?? []
  if (user) {
    const principal = String(request.headers['x-ms-client-principal'])
    principals.set(user, Buffer.from(principal, 'base64').toString())
    if (principals.size === users.length) allHaveAsked.resolve()
    await allHaveAsked.promise
  }
  if (request.url === '/api/reset') return request.socket.resetAndDestroy()
  if (request.url === '/api/half') return breakOff(response)
  const [, odd] = request.url?.split('?odd=') ?? []
  if (odd !== undefined) return request.socket.end(Buffer.from(decodeURIComponent(odd), 'latin1'))
  response.setHeader('content-type', 'application/json').end('{"status":"ok"}')
})

/** Four bytes of a thousand, then a reset. */
function breakOff(response: ServerResponse) {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('half', () => setTimeout(() => response.socket?.resetAndDestroy(), 50))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'static-web-app-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Shop</title>')
  await writeFile(
    join(folder, 'staticwebapp.config.json'),
    JSON.stringify({
      navigationFallback: { rewrite: '/index.html', exclude: ['/assets/*', '/images/*', '/api/*'] },
      routes: [{ route: '/api/*', allowedRoles: ['anonymous'] }],
    }),
  )
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  port = (await choosePorts({})).store
  emulator = await startPart({
    title: 'Static Web App',
    script: join(root, 'local/static-web-app/cli.ts'),
    port,
    env: {
      SWA_CLI_HOST: 'localhost',
      SWA_CLI_PORT: String(port),
      SWA_CLI_APP_SSL: 'false',
      SWA_CLI_OUTPUT_LOCATION: folder,
      SWA_RUNTIME_CONFIG_LOCATION: folder,
      SWA_CLI_API_LOCATION: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    },
    onFailure: (error) => {
      ended = error
    },
  })
})
afterAll(async () => {
  await emulator?.stop()
  api.closeAllConnections()
  api.close()
  await rm(folder, { recursive: true, force: true })
})
afterEach(() => expect(ended, 'the emulator runs').toBe(undefined))

/** Sends bytes as they are; what comes back until the connection ends, and that it does end. */
function send(...lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    socket.on('data', (data) => (answer += data))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const statusOf = async (path: string, ...headers: string[]) => {
  const own = headers.some((line) => /^host:/i.test(line)) ? [] : ['Host: localhost']
  const answer = await send(`GET ${path} HTTP/1.1`, ...own, 'Connection: close', ...headers)
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
}

const cookie = (text: string) => `Cookie: StaticWebAppsAuthCookie=${Buffer.from(text).toString('base64')}`

describe('no odd request ends it', () => {
  test.each([
    ...['//', '///', '/\\', '//:80', '//[', '/\\/evil', '/%', '/%E0%A4%A', '/assets/%', '/images/%zz.svg'],
    ...['http://[/', '*', '/%00', '/api/%', '//api/ok', '/.auth/%', 'x'],
  ])('the address %s is a 400', async (path) => {
    expect(await statusOf(path)).toBe(400)
  })

  test.each([
    ...['a b', 'localhost:x', 'localhost:99999', '[', '', 'a/b', 'a@b', 'a?b', 'a#b', '%', '\\', 'a:1:2'],
  ])('the host "%s" is a 400', async (host) => {
    expect(await statusOf('/', `Host: ${host}`)).toBe(400)
    expect(await statusOf('/api/ok', `Host: ${host}`)).toBe(400)
  })

  test.each([
    ...['not JSON', '', '{', 'null', '1', '"text"', '[]', '{}', '{"userRoles":null}', '{"userRoles":[null]}'],
    '{"userRoles":"admin"}',
  ])('the sign-in cookie %s is nobody', async (text) => {
    for (const line of [
      cookie(text),
      cookie(text).replace('Cookie=', 'Cookie_0='),
      `${cookie(text)}%E0%A4%A`,
    ]) {
      expect(await statusOf('/', line)).toBe(200)
      expect(await statusOf('/api/ok', line)).toBe(200)
      expect(lastHeaders).not.toHaveProperty('x-ms-client-principal')
      expect(await send('GET /.auth/me HTTP/1.1', 'Host: localhost', 'Connection: close', line)).toContain(
        '"clientPrincipal":null',
      )
    }
    expect(await statusOf('/', cookie(text).replace('AuthCookie', 'AuthContextCookie'))).toBe(200)
  })

  test('what is odd and right is answered', async () => {
    for (const path of ['/?a=%', '/a//b', '/a b', '/a/../b', '/é', '/a%2Fb', '/.auth/login/aad'])
      expect(await statusOf(encodeURI(path).replaceAll('%25', '%'))).toBeLessThan(500)
    expect(await statusOf(`http://localhost:${port}/`)).toBe(200)
    expect(await statusOf('/', 'Host: [::1]:80')).toBe(200)
    // There is no database behind it.
    expect(await statusOf('/data-api/x')).toBe(502)
    // The page, and not an upgrade that nobody answers.
    expect(await statusOf('/', 'Connection: upgrade', 'Upgrade: websocket')).toBe(200)
    expect(await send('GET / HTTP/1.0')).toMatch(/^HTTP\/1\.1 200/)
  })
})

describe('whoever signs out goes to a page of this site', () => {
  const logout = (wish: string) =>
    send(
      `GET /.auth/logout?post_logout_redirect_uri=${wish} HTTP/1.1`,
      `Host: localhost:${port}`,
      'Connection: close',
    )

  test.each([
    ...['.evil.example', '@evil.example', ':80@evil.example/', '//evil.example', '/%5Cevil.example'],
    ...['%09//evil.example', 'https://evil.example', 'javascript:1', 'http://%5B', '%E0%A4%A//evil.example'],
  ])('and not to %s', async (wish) => {
    const answer = await logout(wish)
    const location = /^location: (.*)$/im.exec(answer)?.[1]
    if (location) expect(new URL(location).host).toBe(`localhost:${port}`)
    else expect(answer).toMatch(/^HTTP\/1\.1 400/)
  })

  test.each([
    ['/sign-in', '/sign-in'],
    ['', '/'],
    ['/%E6%97%A5?a=%0D%0Ab', '/%E6%97%A5?a=b'],
    ['http://localhost:PORT/sign-in', '/sign-in'],
  ])('to %j', async (wish, page) => {
    const answer = await logout(wish.replace('PORT', String(port)))
    expect(answer).toMatch(/^HTTP\/1\.1 302/)
    expect(answer.toLowerCase()).toContain(`location: http://localhost:${port}${page}\r\n`.toLowerCase())
  })
})

// Azure/static-web-apps#492: a large cookie or token was answered with 431.
test.each([17_000, 20_000, 31_000])('%i bytes of headers are taken', async (size) => {
  expect(await statusOf('/', `Cookie: a=${'x'.repeat(size)}`)).toBe(200)
  expect(await statusOf('/api/ok', `X-Token: ${'x'.repeat(size)}`)).toBe(200)
})

describe('an answer that is lost is not told as one', () => {
  test('the API resets: 502', async () => {
    for (const method of ['GET', 'PUT']) {
      const response = await fetch(`http://localhost:${port}/api/reset`, { method })
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ status: 502, title: 'Bad Gateway' })
    }
  })

  test('the API breaks off in the middle of a body: the connection ends', async () => {
    const answer = await send('GET /api/half HTTP/1.1', 'Host: localhost')
    expect(answer).toContain('half')
    await expect(fetch(`http://localhost:${port}/api/half`).then((half) => half.text())).rejects.toThrow()
  })
})

describe('no odd answer of the API ends it, or is waited for', () => {
  const body = 'content-length: 2\r\n\r\n{}'
  const answerTo = async (odd: string, method: string) => {
    const answer = await send(
      `${method} /api/x?odd=${encodeURIComponent(odd)} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      'Content-Length: 0',
    )
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
  }

  test.each([
    ['nothing', ''],
    ['no HTTP', 'hello\r\n\r\n'],
    ['half of a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['another protocol', 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['a status below 100', `HTTP/1.1 099 Odd\r\n${body}`],
    ['a status above 999', `HTTP/1.1 1000 Odd\r\n${body}`],
    ['a header with a control character', `HTTP/1.1 200 OK\r\nx-a: a\x01b\r\n${body}`],
    ['a huge header', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(17_000)}\r\n${body}`],
    ['a way to nowhere', `HTTP/1.1 302 Found\r\nlocation: http://[\r\n${body}`],
    ['a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\nZZ\r\n'],
  ])('%s is a 502, or the end of the connection', async (_what, odd) => {
    for (const method of ['GET', 'PUT']) expect([502, Number.NaN]).toContain(await answerTo(odd, method))
    expect(await statusOf('/api/ok')).toBe(200)
  })

  test.each([
    ['words beside the status that cannot be sent on', `HTTP/1.1 200 \x07\xe9\r\n${body}`],
    ['hints before it', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n${body}`],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n{}'],
  ])('one with %s is answered', async (_what, odd) => {
    for (const method of ['GET', 'PUT']) expect(await answerTo(odd, method)).toBe(200)
  })
})

test('a caller cannot say who is signed in', async () => {
  const principal = Buffer.from('{"userRoles":["admin"]}').toString('base64')
  await fetch(`http://localhost:${port}/api/ok`, {
    headers: {
      'X-MS-Client-Principal': principal,
      'x-ms-client-principal-id': '1',
      'x-ms-original-url': '/',
    },
  })
  expect(lastHeaders).not.toHaveProperty('x-ms-client-principal')
  expect(lastHeaders).not.toHaveProperty('x-ms-client-principal-id')
  expect(lastHeaders['x-ms-original-url']).not.toBe('/')
})

test('who is signed in is told to the API', async () => {
  const principal = { userId: '1', userDetails: 'Zoë', userRoles: ['admin'] }
  await statusOf('/api/ok', `${cookie(JSON.stringify(principal))}; other=1`, 'Expect: 100-continue')
  const told = Buffer.from(String(lastHeaders['x-ms-client-principal']), 'base64').toString()
  expect(JSON.parse(told)).toEqual(principal)
  expect(lastHeaders.cookie).toContain('other=1')
})

test('also of requests that come in one packet', async () => {
  principals.clear()
  allHaveAsked = Promise.withResolvers()
  const request = (user: string) => [
    `GET /api/who?${user} HTTP/1.1`,
    'Host: localhost',
    cookie(JSON.stringify({ userId: user, userDetails: user, userRoles: ['admin'] })),
  ]
  await send(...users.flatMap((user) => [...request(user), '']).slice(0, -1), 'Connection: close')
  for (const user of users) expect(principals.get(user), user).toContain(`"userId":"${user}"`)
})
