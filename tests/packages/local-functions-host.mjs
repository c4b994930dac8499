// Runs in an empty folder into which the package was installed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { startFunctionsHost } from 'local-functions-host'

await writeFile(
  'app.cjs',
  `const { app } = require('@azure/functions')
  app.http('hello', {
    route: 'hello/{name:alpha}',
    authLevel: 'anonymous',
    handler: ({ params }) => ({ jsonBody: { hello: params.name, from: process.env.PLACE } }),
  })
  app.hook.appTerminate(() => console.log('ended'))`,
)
await writeFile('package.json', '{ "type": "module", "private": true, "main": "app.cjs" }')
await writeFile('host.json', '{ "version": "2.0", "extensions": { "http": { "routePrefix": "v1" } } }')

const ask = async (url) => (await fetch(`${url}/v1/hello/world`)).json()

const host = await startFunctionsHost({ appRoot: '.', port: 0, settings: { PLACE: 'a program' } })
assert.deepEqual(await ask(host.url), { hello: 'world', from: 'a program' })
assert.equal((await fetch(`${host.url}/v1/hello/1`)).status, 404)
await host.close()

const cli = 'node_modules/local-functions-host/dist/cli.mjs'
const env = { ...process.env, PLACE: 'a command' }
const command = spawn(process.execPath, [cli, '--port', '0', '--watch'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
})
const ended = once(command, 'exit')
for await (const line of createInterface({ input: command.stdout })) {
  const url = /^Functions host listening on (\S+)$/.exec(line)?.[1]
  if (!url) continue
  assert.deepEqual(await ask(url), { hello: 'world', from: 'a command' })
  command.send('stop')
}
assert.deepEqual(await ended, [0, null])
