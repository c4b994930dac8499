/** Starts a server as a process of its own and waits for its first answer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { root } from '../../local/root.ts'

/** Arguments of Node for a server that does nothing but answer. */
export const bareServer = (port: number) => [
  '-e',
  `require('node:http').createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":"world"}')
  }).listen(${port}, '127.0.0.1')`,
]

/** Arguments of Node for the Functions host with an app. */
export function hostArguments(app: string, port: number): string[] {
  return [join(root, 'local/functions-host/cli.mjs'), '--app-root', app, '--port', String(port)]
}

export function startServer(args: string[], settings: Record<string, string>): ChildProcess {
  return spawn(process.execPath, args, {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Asks until there is an answer. */
export async function firstAnswer(port: number, path: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () =>
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      )
      socket.once('data', (data) => {
        socket.destroy()
        resolve(String(data).startsWith('HTTP/1.1 200'))
      })
      socket.once('error', () => resolve(false))
      socket.once('end', () => resolve(false))
    })
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('no answer within a minute')
}
