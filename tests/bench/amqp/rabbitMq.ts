import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from './load.ts'

/** Where Debian's package has the program itself; what it puts on the PATH changes to a user of its own. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** RabbitMQ with its plugin for AMQP 1.0, on free ports, with its files in a folder that goes; undefined: not installed. */
export async function startRabbitMq(): Promise<(Broker & { stop(): Promise<void> }) | undefined> {
  if (!existsSync(program)) return undefined
  const home = await mkdtemp(join(tmpdir(), 'rabbitmq-'))
  const plugins = join(home, 'plugins')
  const configuration = join(home, 'rabbitmq.conf')
  const [port, distribution, epmd] = await Promise.all([freePort(), freePort(), freePort()])
  await writeFile(plugins, '[rabbitmq_amqp1_0].\n')
  await writeFile(configuration, `listeners.tcp.default = ${port}\n`)
  const env = {
    ...process.env,
    HOME: home,
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: 'bench@localhost',
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: join(home, 'data'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
  }
  // A group of its own: the program is started by scripts.
  const child = spawn(program, [], { env, stdio: 'ignore', detached: true })
  const exited = once(child, 'exit')
  await answers(port)
  return {
    port,
    username: 'guest',
    password: 'guest',
    address: '/queue/bench',
    async stop() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exited
      while (!(await endRegister(env))) await new Promise((resolve) => setTimeout(resolve, 100))
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** Ends Erlang's register of names, a daemon; it does not end while it takes a node for alive. */
function endRegister(env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('epmd', ['-kill'], { env }, (_error, stdout, stderr) => {
      resolve(/Killed|Cannot connect/i.test(stdout + stderr))
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const socket = createConnection(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    if (Date.now() > deadline) throw new Error('RabbitMQ did not start within a minute.')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
