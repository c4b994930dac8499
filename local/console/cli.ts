/** The program of the console: `node local/console/cli.ts --port 4282`. It prints one line once it accepts connections. */
import { parseArgs } from 'node:util'
import { startConsole } from './server.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })

const running = await startConsole({ port: Number(values.port) })
console.log(`The console is ready on ${running.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void running.close().then(() => process.exit(0)))
}
