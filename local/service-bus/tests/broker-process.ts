import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../cli.mjs', import.meta.url))

export interface BrokerProcess {
  readonly child: ChildProcess
  readonly connectionString: string
  readonly port: number
}

/** Starts a broker as a process of its own, on a free port. */
export async function startBrokerProcess(config: string, ...args: string[]): Promise<BrokerProcess> {
  const child = spawn(process.execPath, [cli, '--port', '0', '--config', config, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-10_000)
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const connectionString = /Endpoint=\S+/.exec(line)?.[0]
    if (connectionString !== undefined) {
      return { child, connectionString, port: Number(/:(\d+);/.exec(connectionString)?.[1]) }
    }
  }
  throw new Error(`the broker did not start: ${errors}`)
}
