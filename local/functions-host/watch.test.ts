/** `--watch`: a changed app is served without a request failing or a message handled twice, a broken one not at all. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { type ServiceBus, startServiceBus } from '@store/local-service-bus'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const cli = fileURLToPath(new URL('cli.ts', import.meta.url))
const waiting = { timeout: 30_000, interval: 20 }
let appRoot: string
let child: ChildProcess
let output = ''
let url: string
let broker: ServiceBus

const appAnswering = (body: string) => `
const { app, output } = require('@azure/functions')
app.get('version', { handler: async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return { body: ${JSON.stringify(body)} }
} })
app.serviceBusQueue('work', {
  connection: 'Bus',
  queueName: 'work',
  return: output.serviceBusQueue({ connection: 'Bus', queueName: 'done' }),
  handler: async (message) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { n: message.n }
  },
})
`
const writeApp = (code: string) => writeFile(join(appRoot, 'dist', 'app.cjs'), code)

beforeAll(async () => {
  appRoot = await mkdtemp(join(dirname(cli), 'fixtures', 'tmp-'))
  await mkdir(join(appRoot, 'dist'))
  await writeFile(join(appRoot, 'host.json'), '{"version":"2.0"}')
  await writeFile(join(appRoot, 'package.json'), '{"main":"dist/*.cjs"}')
  await writeApp(appAnswering('one'))
  const port = await freePort()
  url = `http://localhost:${port}/api/version`
  const Queues = ['work', 'done'].map((Name) => ({ Name, Properties: { LockDuration: 'PT1M' } }))
  broker = await startServiceBus({
    port: 0,
    config: { UserConfig: { Namespaces: [{ Name: 'test', Queues }] } },
  })
  child = spawn(process.execPath, [cli, '--app-root', appRoot, '--port', String(port), '--watch'], {
    env: { ...process.env, Bus: broker.connectionString },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  await vi.waitFor(() => expect(output).toContain('Functions host listening on'), waiting)
}, 60_000)

afterAll(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  await broker?.close()
  if (appRoot) await rm(appRoot, { recursive: true })
})

test('a change is served, a fault is shown and not served, and no request or message is lost', {
  timeout: 90_000,
}, async () => {
  let asking = true
  const answers = new Set<string>()
  const faults: unknown[] = []
  const clients = Array.from({ length: 3 }, async () => {
    while (asking) {
      try {
        const response = await fetch(url)
        if (response.status !== 200) faults.push(response.status)
        answers.add(await response.text())
      } catch (error) {
        faults.push(error)
      }
    }
  })
  const served = (body: string) => vi.waitFor(() => expect(answers).toContain(body), waiting)

  const client = new ServiceBusClient(broker.connectionString)
  const sender = client.createSender('work')
  const sent = Array.from({ length: 400 }, (_, n) => ({ body: { n } }))
  await served('one')
  await sender.sendMessages(sent)
  await writeApp(appAnswering('two'))
  await served('two')
  await vi.waitFor(() => expect(output).toContain('Reloaded in'), waiting)

  await writeApp('this is not JavaScript')
  await vi.waitFor(() => expect(output).toContain('the one before it keeps serving'), waiting)
  expect(output).toContain('SyntaxError')
  answers.clear()
  await served('two')

  await writeApp(appAnswering('three'))
  await served('three')
  asking = false
  await Promise.all(clients)
  expect(faults).toEqual([])

  const receiver = client.createReceiver('done', { receiveMode: 'receiveAndDelete' })
  const handled = new Set<number>()
  while (handled.size < sent.length) {
    const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 20_000 })
    if (messages.length === 0) break
    for (const { body } of messages) {
      expect(handled).not.toContain(body.n)
      handled.add(body.n)
    }
  }
  expect(handled.size).toBe(sent.length)
  await client.close()

  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
