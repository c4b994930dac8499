/** What the command `local-service-bus` does; see `cli.mjs`. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readEntra, readKeys, readTier } from './accessFiles.ts'
import { type Disturbance, startServiceBus } from './index.ts'

const usage = `Usage: local-service-bus [options]

  --port N              TCP port for AMQP (default 5672; 0 takes a free one)
  --admin-port N        TCP port for the administration API (default: none)
  --config FILE         entities, in the JSON format of Microsoft's Service Bus emulator
  --namespace NAME      serve this namespace of the configuration alone (default: all, as one)
  --data-dir DIR        where messages are kept (default: in memory only)
  --tls                 TLS beside plain connections on both ports, with a certificate made for localhost;
                        it is kept in the data directory, as localhost.crt
  --tier NAME           Standard (messages of 256 KB, the default) or Premium (100 MB)
  --keys FILE           further shared access keys, JSON: [{ "name": …, "key": …, "rights": ["Listen"] }]
  --entra FILE          takes tokens of Microsoft Entra, JSON: { "keys": { "keys": […] }, "issuer": …, "audience": … }
  --log                 a line for each connection that opens, closes or is refused something
  --host ADDRESS        address to listen on (default: the loopback addresses)
  --max-message-size N  largest message in bytes (default: what the tier says)`

const options = {
  port: { type: 'string', default: '5672' },
  'admin-port': { type: 'string' },
  config: { type: 'string' },
  namespace: { type: 'string' },
  'data-dir': { type: 'string' },
  host: { type: 'string' },
  'max-message-size': { type: 'string' },
  tls: { type: 'boolean', default: false },
  tier: { type: 'string' },
  keys: { type: 'string' },
  entra: { type: 'string' },
  log: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

/** Does what the command line asks; a failure is written in words, and is the process's exit code. */
export async function run(): Promise<void> {
  try {
    const { values } = parseArgs({ options })
    if (values.help) console.log(usage)
    else await start(values)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

async function start(
  values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'],
): Promise<void> {
  const bus = await startServiceBus({
    port: numberOf('port', values.port, 0, 65_535),
    tls: values.tls,
    ...(values.tier !== undefined && { tier: readTier(values.tier) }),
    ...(values.keys !== undefined && { keys: readKeys(await readFile(values.keys, 'utf8'), values.keys) }),
    ...(values.entra !== undefined && {
      entra: readEntra(await readFile(values.entra, 'utf8'), values.entra),
    }),
    ...(values.log && { log: (line: string) => console.log(`${new Date().toISOString()} ${line}`) }),
    ...(values['admin-port'] !== undefined && {
      adminPort: numberOf('admin-port', values['admin-port'], 0, 65_535),
    }),
    ...(values.host !== undefined && { host: values.host }),
    ...(values['max-message-size'] !== undefined && {
      maxMessageSize: numberOf('max-message-size', values['max-message-size'], 1),
    }),
    ...(values.namespace !== undefined && { namespace: values.namespace }),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(values.config !== undefined && { config: await readFile(values.config, 'utf8') }),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bus.close())
  // The one way to it is the process that started this one, which may want it so from the start on.
  bus.disturb(JSON.parse(process.env.LOCAL_CLOUD_DISTURBANCE ?? '{}') as Disturbance)
  process.on(
    'message',
    (message: { disturb?: Disturbance }) => message.disturb && bus.disturb(message.disturb),
  )
  console.log(`Service Bus accepts connections: ${bus.connectionString}`)
}

function numberOf(name: string, text: string, least: number, most?: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= (most ?? number)) return number
  const range = `from ${least} ${most === undefined ? 'on' : `to ${most}`}`
  throw new Error(`--${name} takes a whole number ${range}, not "${text}".`)
}
