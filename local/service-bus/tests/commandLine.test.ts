import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startBrokerProcess } from './broker-process.ts'
import { afterTest, configOf, connect, eventually, startBus } from './bus.ts'

async function files(contents: Record<string, unknown>): Promise<(name: string) => string> {
  const directory = await mkdtemp(join(tmpdir(), 'command-line-'))
  afterTest(() => rm(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(contents)) {
    await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return (name) => join(directory, name)
}

it('takes the tier, further keys and the keys of Entra from the command line, and writes a line for what happens', async () => {
  const { publicKey } = await generateKeyPair('RS256')
  const path = await files({
    'config.json': configOf({ orders: {} }),
    'keys.json': [{ name: 'reader', key: 'r', rights: ['Listen'] }],
    'entra.json': {
      keys: { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256' }] },
      issuer: 'https://issuer',
    },
  })
  const flags = [
    '--tier',
    'Premium',
    '--keys',
    path('keys.json'),
    '--entra',
    path('entra.json'),
    '--log',
    '--tls',
  ]
  const { child, connectionString, port } = await startBrokerProcess(path('config.json'), ...flags)
  afterTest(async () => child.kill('SIGKILL'))
  let lines = ''
  child.stdout?.on('data', (data) => (lines += data))

  await connect(connectionString)
    .createSender('orders')
    .sendMessages({ body: 'x'.repeat(500_000) })

  const reader = connect(
    connectionString.replace('RootManageSharedAccessKey', 'reader').replace('SAS_KEY_VALUE', 'r'),
    { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } },
  )
  expect((await reader.createReceiver('orders').peekMessages(1)).length).toBe(1)
  await expect(reader.createSender('orders').sendMessages({ body: 1 })).rejects.toMatchObject({
    code: 'UnauthorizedAccess',
  })
  await eventually(() => /refused a link to 'orders': Unauthorized access/.exec(lines) ?? undefined)
  expect(lines).toMatch(/^\S+Z connection 1: opened by '.+', .*js.*$/im)
  expect(port).toBeGreaterThan(0)
})

it('takes a token of Entra that a credential of the SDK brings', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256' }] }
  const bus = await startBus({ tls: true, config: configOf({ orders: {} }), entra: { keys } })
  const expires = Math.floor(Date.now() / 1000) + 3600
  const sign = (audience: string) =>
    new SignJWT({ oid: 'me' })
      .setProtectedHeader({ alg: 'RS256' })
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey)
  const clientFor = (audience: string) => {
    const getToken = async () => ({ token: await sign(audience), expiresOnTimestamp: expires * 1000 })
    const client = new ServiceBusClient('localhost', { getToken }, {
      customEndpointAddress: `sb://localhost:${bus.port}`,
      webSocketOptions: { webSocket: WebSocket, webSocketConstructorOptions: { ca: bus.certificate } },
      retryOptions: { maxRetries: 0, timeoutInMs: 10_000 },
    } as never)
    afterTest(() => client.close())
    return client
  }
  await clientFor('https://servicebus.azure.net/').createSender('orders').sendMessages({ body: 1 })
  expect(bus.counts('orders')?.active).toBe(1)
  const another = clientFor('https://another').createSender('orders').sendMessages({ body: 2 })
  await expect(another).rejects.toThrow(/aud/)
})

it.each([
  [['--tier', 'Basic'], /--tier: 'Basic' is none; there are Premium and Standard/],
  [['--keys', 'no-list.json'], /no-list\.json: a list of keys is wanted/],
  [['--keys', 'rights.json'], /\[0\]\.rights: a list of Listen, Manage, Send is wanted/],
  [['--keys', 'misspelt.json'], /\[0\]: 'right' is none of name, key, rights/],
  [['--entra', 'no-list.json'], /keys: a JSON Web Key Set is wanted/],
  [['--entra', 'broken.json'], /broken\.json: this is not JSON/],
  [['--admin-port', '70000'], /--admin-port takes a whole number from 0 to 65535, not "70000"/],
  [['--max-message-size', '1MB'], /--max-message-size takes a whole number from 1 on, not "1MB"/],
])('refuses %s with its place', async ([flag, value], message) => {
  const path = await files({
    'no-list.json': {},
    'rights.json': [{ name: 'a', key: 'b', rights: ['Read'] }],
    'misspelt.json': [{ name: 'a', key: 'b', right: ['Send'] }],
    'broken.json': '{',
  })
  const cli = fileURLToPath(new URL('../cli.mjs', import.meta.url))
  const argument = value?.endsWith('.json') ? path(value) : value
  const { status, stderr } = spawnSync(process.execPath, [cli, '--port', '0', String(flag), String(argument)])
  expect(String(stderr)).toMatch(message)
  expect(status).toBe(1)
})
