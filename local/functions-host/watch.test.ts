/** `--watch`: a changed app is served without a request failing or a message handled twice, a broken one not at all. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { ServiceBusClient } from '@azure/service-bus'
import { startServiceBus } from 'local-service-bus'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, runWatchedApp } from './fixtures/watchedApp.ts'

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
test('a change is served, a fault is shown and not served, and no request or message is lost', {
  timeout: 90_000,
}, async () => {
  const Queues = ['work', 'done'].map((Name) => ({ Name, Properties: { LockDuration: 'PT1M' } }))
  const broker = await startServiceBus({
    port: 0,
    config: { UserConfig: { Namespaces: [{ Name: 'test', Queues }] } },
  })
  onTestFinished(() => broker.close())
  const app = await runWatchedApp(appAnswering('one'), { Bus: broker.connectionString })
  await eventually(() => expect(app.output()).toContain('Functions host listening on'))

  let asking = true
  const answers = new Set<string>()
  const faults: unknown[] = []
  const clients = Array.from({ length: 3 }, async () => {
    while (asking) {
      try {
        const response = await fetch(`${app.url}/version`)
        if (response.status !== 200) faults.push(response.status)
        answers.add(await response.text())
      } catch (error) {
        faults.push(error)
      }
    }
  })
  const served = (body: string) => eventually(() => expect(answers).toContain(body))

  const client = new ServiceBusClient(broker.connectionString)
  const sender = client.createSender('work')
  const sent = Array.from({ length: 400 }, (_, n) => ({ body: { n } }))
  await served('one')
  await sender.sendMessages(sent)
  await app.write(appAnswering('two'))
  await served('two')
  await eventually(() => expect(app.output()).toContain('Reloaded in'))

  await app.write('this is not JavaScript')
  await eventually(() => expect(app.output()).toContain('the one before it keeps serving'))
  expect(app.output()).toContain('SyntaxError')
  answers.clear()
  await served('two')

  await app.write(appAnswering('three'))
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

  app.child.kill('SIGTERM')
  expect(await app.exit).toBe(0)
})

test('a connection from before a change gets the changed app, too', async () => {
  const appEchoing = (name: string) => `
    const { app } = require('@azure/functions')
    app.post('echo', { handler: async (request) => ({
      status: 201,
      headers: { 'x-said': request.headers.get('x-say') },
      body: '${name}: ' + await request.text(),
    }) })
  `
  const app = await runWatchedApp(appEchoing('old'))
  await eventually(() => expect(app.output()).toContain('Functions host listening on'))
  // The only connection, which a client keeps for its next request.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const ask = () =>
    new Promise((resolve, reject) => {
      request(`${app.url}/echo`, { agent, method: 'POST', headers: { 'x-say': 'hello' } })
        .once('error', reject)
        .once('response', async (response) => {
          resolve([response.statusCode, response.headers['x-said'], await text(response)])
        })
        .end('body')
    })

  expect(await ask()).toEqual([201, 'hello', 'old: body'])
  await app.write(appEchoing('new'))
  await eventually(() => expect(app.output()).toContain('Reloaded in'))
  expect(await ask()).toEqual([201, 'hello', 'new: body'])
  expect(await ask()).toEqual([201, 'hello', 'new: body'])
})
