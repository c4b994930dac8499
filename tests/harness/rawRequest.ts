/** HTTP requests exactly as a test writes them, where `fetch` would tidy up the path or refuse a header. */
import { Agent, request } from 'node:http'

export interface RawRequest {
  method: string
  /** As it goes over the wire. */
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  text: string
}

/** Kept alive, as browsers do: on a connection that closes, an answer that comes before the whole body was sent is lost. */
const agent = new Agent({ keepAlive: true, maxSockets: 4 })

/** Sends one request. */
export function rawRequest(
  origin: string,
  { method, path, headers = {}, body }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: hostname, port, method, path, headers: { ...length, ...headers }, agent },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
            ),
            text: Buffer.concat(pieces).toString('utf8'),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
