import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { signedIn } from '../../tests/invoke.ts'

const settings = {
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}

/** Sign-in as a fresh process with these settings has it: the status that a call with these headers is answered. */
async function statusOf(env: Record<string, string>, headers: Record<string, string>): Promise<number> {
  vi.resetModules()
  for (const [name, value] of Object.entries({ ...settings, ...env })) vi.stubEnv(name, value)
  const { requireAdmin } = await import('./signIn.ts')
  return requireAdmin(new Headers(headers)).then(
    () => 200,
    (problem: { status?: number }) => problem.status ?? Number.NaN,
  )
}
afterEach(() => vi.unstubAllEnvs())

describe('AUTH=swa', () => {
  const swa = { AUTH: 'swa' }
  const header = (value: unknown) => ({
    'x-ms-client-principal': Buffer.from(JSON.stringify(value)).toString('base64'),
  })

  test.each([
    ['no header', {}, 401],
    ['a header that is not base64 of JSON', { 'x-ms-client-principal': '%%%' }, 401],
    ['a principal without an id', header({ userRoles: ['admin'] }), 401],
    ['a principal of another shape', header(['admin']), 401],
    ['a signed-in customer', signedIn('anonymous', 'authenticated'), 403],
    ['a role that only looks like admin', signedIn('Admin', 'admin '), 403],
    ['an employee', signedIn('anonymous', 'authenticated', 'admin'), 200],
    ['a bearer token instead', { authorization: 'Bearer a.b.c' }, 401],
  ])('%s', async (_, headers, status) => {
    expect(await statusOf(swa, headers)).toBe(status)
  })
})

test('AUTH=none lets everyone in', async () => {
  expect(await statusOf({ AUTH: 'none' }, {})).toBe(200)
})

describe('AUTH=jwt', () => {
  let issuer: Server
  let env: Record<string, string>
  let keysUp = true
  let ours: Awaited<ReturnType<typeof generateKeyPair>>
  let theirs: typeof ours

  beforeAll(async () => {
    ours = await generateKeyPair('RS256')
    theirs = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
    issuer = createServer((_, response) => {
      response.statusCode = keysUp ? 200 : 503
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }))
    })
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    env = {
      AUTH: 'jwt',
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'api://store',
      AUTH_JWKS_URI: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`,
    }
  })
  afterAll(() => void issuer?.close())
  beforeEach(() => {
    keysUp = true
  })

  const now = () => Math.floor(Date.now() / 1000)
  const right = (): JWTPayload => ({
    iss: 'https://issuer.example',
    aud: 'api://store',
    sub: 'u1',
    exp: now() + 600,
    roles: ['admin'],
  })
  const sign = (payload: JWTPayload, key = ours.privateKey, kid = 'k1') =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const bearer = async (token: string | Promise<string>) => ({ authorization: `Bearer ${await token}` })

  /** Nobody but a misspelt setting, or a clock, makes the issuer's own tokens wrong: whoever runs the app is to know. */
  test.each<[string, JWTPayload, RegExp]>([
    [
      'for another API',
      { aud: 'api://another' },
      /it is for "api:\/\/another", and AUTH_AUDIENCE is "api:\/\/store"/,
    ],
    [
      'of another issuer',
      { iss: 'https://x' },
      /it is of "https:\/\/x", and AUTH_ISSUER is "https:\/\/issuer/,
    ],
    ['that has expired', { exp: now() - 60 }, /it expired at .*, and here it is .*a clock is wrong/],
    [
      'that is not good yet',
      { nbf: now() + 600 },
      /it is good from .* on, and here it is .*a clock is wrong/,
    ],
  ])('the log says what is wrong with a signed token %s, once', async (_, claims, why) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const headers = new Headers(await bearer(sign({ ...right(), ...claims })))
    expect(await statusOf(env, Object.fromEntries(headers))).toBe(401)
    const { requireAdmin } = await import('./signIn.ts')
    await expect(requireAdmin(headers)).rejects.toMatchObject({ status: 401 })
    expect(warn.mock.calls).toEqual([[expect.stringMatching(why)]])
    warn.mockRestore()
  })

  test('a token of the issuer, for this API, with the role admin is let in', async () => {
    expect(await statusOf(env, await bearer(sign(right())))).toBe(200)
  })

  test.each<[string, () => Promise<Record<string, string>>, number]>([
    ['no token', async () => ({}), 401],
    ['a forged header of Static Web Apps', async () => signedIn('admin'), 401],
    [
      'a forged header beside a token without the role',
      async () => ({ ...signedIn('admin'), ...(await bearer(sign({ ...right(), roles: [] }))) }),
      403,
    ],
    ['a token that has expired', () => bearer(sign({ ...right(), exp: now() - 60 })), 401],
    [
      'a token that never expires',
      () => {
        const { exp: _, ...forever } = right()
        return bearer(sign(forever))
      },
      401,
    ],
    ['a token that is not valid yet', () => bearer(sign({ ...right(), nbf: now() + 600 })), 401],
    ["a stranger's signature under our key's name", () => bearer(sign(right(), theirs.privateKey)), 401],
    ['a key that the issuer does not have', () => bearer(sign(right(), theirs.privateKey, 'k2')), 401],
    [
      'a token that was changed after it was signed',
      async () => {
        const [head, , signature] = (await sign({ ...right(), roles: [] })).split('.')
        return bearer(`${head}.${part(right())}.${signature}`)
      },
      401,
    ],
    ['alg: none', () => bearer(`${part({ alg: 'none', typ: 'JWT' })}.${part(right())}.`), 401],
    [
      "a shared secret made of the issuer's public key",
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(ours.publicKey)))
        return bearer(new SignJWT(right()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret))
      },
      401,
    ],
    ['another audience', () => bearer(sign({ ...right(), aud: 'api://other' })), 401],
    ['another issuer', () => bearer(sign({ ...right(), iss: 'https://evil.example' })), 401],
    ['no role', () => bearer(sign({ ...right(), roles: undefined })), 403],
    ['another role', () => bearer(sign({ ...right(), roles: ['customer'] })), 403],
    ['roles that are not a list', () => bearer(sign({ ...right(), roles: 'admin' })), 403],
    ['not a token', async () => ({ authorization: 'Bearer x' }), 401],
    ['another scheme', async () => ({ authorization: 'Basic YTpi' }), 401],
  ])('%s', async (_, headers, status) => {
    expect(await statusOf(env, await headers())).toBe(status)
  })

  test('while the keys of the issuer cannot be had, a token is neither believed nor called wrong', async () => {
    keysUp = false
    expect(await statusOf(env, await bearer(sign(right())))).toBe(503)
    expect(
      await statusOf({ ...env, AUTH_JWKS_URI: 'http://127.0.0.1:1/keys' }, await bearer(sign(right()))),
    ).toBe(503)
  })
})
