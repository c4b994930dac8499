/**
 * The program of the local-cloud image: Service Bus, Cosmos DB, blobs and sign-in in one container, each in a process of
 * its own, with their data below `DATA` (default /data). When one ends, all do, and the cluster starts the container anew.
 * Ports are the usual ones, but for the environment (`SERVICE_BUS_PORT`, `COSMOS_PORT`, `BLOB_PORT`, `SIGN_IN_PORT`).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const {
  DATA: data = '/data',
  SERVICE_BUS_PORT: serviceBusPort = '5672',
  COSMOS_PORT: cosmosPort = '8081',
  BLOB_PORT: blobPort = '10000',
  SIGN_IN_PORT: signInPort = '8082',
} = process.env
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const everywhere = '0.0.0.0'

const programs = [
  [
    'local/service-bus/cli.mjs',
    ...['--host', everywhere, '--port', serviceBusPort],
    ...['--config', file('infra/service-bus.json'), '--data-dir', `${data}/service-bus`],
  ],
  [
    'local/cosmos/cli.mjs',
    ...['--host', everywhere, '--port', cosmosPort, '--data-dir', `${data}/cosmos`],
    ...['--database', 'store', '--containers', file('infra/cosmos.json')],
  ],
  [
    'node_modules/azurite/dist/src/blob/main.js',
    ...['--blobHost', everywhere, '--blobPort', blobPort, '--location', `${data}/blob`],
    // Under the name of its service in the cluster, which is none of an account's.
    ...['--disableTelemetry', '--skipApiVersionCheck', '--silent', '--disableProductStyleUrl'],
  ],
  ['local/openid/cli.ts', signInPort, data],
]

await mkdir(data, { recursive: true })
const running = programs.map(([program = '', ...args]) => {
  const child = spawn(process.execPath, [file(program), ...args], { stdio: 'inherit' })
  child.once('exit', (code, signal) => {
    if (ending) return
    console.error(`${program} ended (${signal ?? code}); the others end with it.`)
    void end(1)
  })
  return child
})

let ending = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0))

async function end(code: number) {
  if (ending) return
  ending = true
  await Promise.all(running.map(stop))
  process.exit(code)
}

function stop(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return gone
}
