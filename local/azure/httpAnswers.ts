/** What the stand-ins for Azure's services have in common as servers and clients of HTTP. */
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** Answers requests for one host. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** The token of a request, without its scheme; undefined where there is none. */
export const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Hands a request on as it is, headers and all, and its answer back.
 * @param body what was read of it already
 * @param onAnswer is shown the answer before its body
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  to: RequestOptions & { tls?: boolean },
  body?: Buffer,
  onAnswer?: (answer: IncomingMessage) => void,
): void {
  const { tls, ...target } = to
  const { method, url, headers } = request
  const options: RequestOptions = { host: '127.0.0.1', method, path: url, headers, ...target }
  const sent = (tls ? httpsRequest : httpRequest)({ ...options, rejectUnauthorized: false } as RequestOptions)
  sent.on('response', (answer) => {
    onAnswer?.(answer)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  sent.on('error', () => response.destroy())
  response.on('close', () => response.writableFinished || sent.destroy())
  if (body) sent.end(body)
  else request.pipe(sent)
}
