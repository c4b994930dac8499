/** Passes a request that came in too late on to the host that has taken over. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { http } from './http.ts'

/** Answers a request with what now listens at the address at which it came in. */
export function forward(request: IncomingMessage, response: ServerResponse): void {
  const { localAddress, localPort } = request.socket
  const call = http.request({
    host: localAddress,
    port: localPort,
    method: request.method,
    path: request.url,
    headers: [...withoutConnection(request.rawHeaders), 'connection', 'close'],
    agent: false,
  })
  call.on('response', (answer) => {
    // With its `connection: close`: the client's next request is to go straight to the new host.
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
    pipeline(answer, response, () => {})
  })
  call.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502, { 'content-length': 0, connection: 'close' }).end()
  })
  response.once('close', () => call.destroy())
  pipeline(request, call, () => {})
}

/** Names and values in turn, but for those that are about the connection itself. */
function withoutConnection(headers: string[]): string[] {
  return headers.filter((_, index) => !/^(connection|keep-alive)$/i.test(headers[index - (index % 2)] ?? ''))
}
