/**
 * The program of the console: `node local/console/cli.ts --port 4282`. It prints one line once it accepts connections.
 * Where the servers are that it looks into, the app's own settings say, and `CONSOLE_HOST` and `CONSOLE_BUS_ADMIN_PORT`.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { apiRoutes } from './api.ts'
import { filesOf } from './http/files.ts'
import { startConsole } from './server.ts'
import { supervisorOf } from './supervisor.ts'
import { DatabaseReader } from './system/database.ts'
import { HostReader } from './system/functions.ts'
import { QueueReader } from './system/queues.ts'
import { Telemetry } from './telemetry.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const {
  CosmosConnection = '',
  CosmosDatabase = 'store',
  ServiceBusConnection = '',
  OrdersQueue = 'orders',
} = process.env
const { CONSOLE_HOST = 'http://localhost:7071', CONSOLE_BUS_ADMIN_PORT = '5300' } = process.env

const telemetry = new Telemetry()
const running = await startConsole({
  port: Number(values.port),
  telemetry,
  routes: apiRoutes({
    telemetry,
    supervisor: supervisorOf(process),
    database: new DatabaseReader(CosmosConnection, CosmosDatabase),
    queues: new QueueReader(ServiceBusConnection, CONSOLE_BUS_ADMIN_PORT),
    host: new HostReader(CONSOLE_HOST),
    api: CONSOLE_HOST,
    ordersQueue: OrdersQueue,
  }),
  files: filesOf(fileURLToPath(new URL('./dist', import.meta.url))),
})
console.log(`The console is ready on ${running.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void running.close().then(() => process.exit(0)))
}
