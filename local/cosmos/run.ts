import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readEntra } from './access/accessFile.ts'
import { type Disturbance, startCosmos } from './index.ts'

const usage = `Usage: local-cosmos [options]

  --port N            TCP port (default 8081; 0 takes a free one)
  --host ADDRESS      address to listen on (default 127.0.0.1)
  --data-dir DIR      where documents are kept (default: in memory only)
  --database NAME     a database that is to be there
  --containers FILE   its containers: { "containers": [ … ] }, each as the service answers it
  --key KEY           the master key (default: the emulator's well-known one)
  --throughput N      request units a second of each container (default: without end)
  --tls               HTTPS, with a certificate made for localhost; it is kept in the data directory, as localhost.crt
  --cert FILE, --tls-key FILE   HTTPS with this certificate and private key (PEM)
  --entra FILE        takes tokens of Microsoft Entra, JSON: { "keys": { "keys": […] }, "issuer": …, "audience": …,
                      "assignments": [{ "principalId": …, "roleDefinitionId": …, "scope": "/dbs/…/colls/…" }] }
  --disable-local-auth   takes no key, as an account with disableLocalAuth`

const options = {
  port: { type: 'string', default: '8081' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  database: { type: 'string' },
  containers: { type: 'string' },
  key: { type: 'string' },
  throughput: { type: 'string' },
  tls: { type: 'boolean', default: false },
  cert: { type: 'string' },
  'tls-key': { type: 'string' },
  entra: { type: 'string' },
  'disable-local-auth': { type: 'boolean', default: false },
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

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

async function start(values: Values): Promise<void> {
  const { host, key, database, containers, cert, tls, entra } = values
  const tlsKey = values['tls-key']
  if ((cert === undefined) !== (tlsKey === undefined)) throw new Error('--cert and --tls-key go together.')
  if (containers !== undefined && database === undefined)
    throw new Error('--containers needs --database: the database that they are in.')
  if (tls && cert !== undefined)
    throw new Error('--tls makes a certificate, --cert gives one: choose one of them.')
  const throughput =
    values.throughput === undefined ? undefined : numberOf('throughput', values.throughput, 1)
  const cosmos = await startCosmos({
    port: numberOf('port', values.port, 0, 65_535),
    ...(host !== undefined && { host }),
    ...(key !== undefined && { key }),
    ...(values['data-dir'] !== undefined && { dataDir: values['data-dir'] }),
    ...(throughput !== undefined && { throughput }),
    tls,
    disableLocalAuth: values['disable-local-auth'],
    ...(entra !== undefined && { entra: readEntra(await readFile(entra, 'utf8'), entra) }),
    ...(cert !== undefined &&
      tlsKey !== undefined && {
        tls: { cert: await readFile(cert, 'utf8'), key: await readFile(tlsKey, 'utf8') },
      }),
    ...(database !== undefined && {
      databases: [{ id: database, containers: await readContainers(containers) }],
    }),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void cosmos.close())
  // The one way to it is the process that started this one, which may want it so from the start on.
  cosmos.disturb(JSON.parse(process.env.LOCAL_CLOUD_DISTURBANCE ?? '{}') as Disturbance)
  process.on(
    'message',
    (message: { disturb?: Disturbance }) => message.disturb && cosmos.disturb(message.disturb),
  )
  console.log(`Cosmos DB is ready on ${cosmos.endpoint}`)
}

function numberOf(name: string, text: string, least: number, most?: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= (most ?? number)) return number
  const range = `from ${least} ${most === undefined ? 'on' : `to ${most}`}`
  throw new Error(`--${name} takes a whole number ${range}, not "${text}".`)
}

async function readContainers(file: string | undefined): Promise<{ id: string }[]> {
  if (file === undefined) return []
  const { containers } = JSON.parse(await readFile(file, 'utf8')) as { containers?: { id: string }[] }
  if (!Array.isArray(containers)) throw new Error(`${file} has no list "containers".`)
  return containers
}
