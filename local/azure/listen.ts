/** An HTTP server of the rehearsal, on this machine alone. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Handler } from './httpAnswers.ts'

/** Listens at any free port of the loopback address. `close` cuts off who is still connected. */
export async function listen(handler: Handler): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => void handler(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
