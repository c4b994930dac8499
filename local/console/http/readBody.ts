import type { IncomingMessage } from 'node:http'
import { HttpError } from './errors.ts'

/** The body of a request. @throws {HttpError} 413 beyond `most` bytes, of which nothing is kept. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) throw new HttpError(413, `A request has at most ${most / 1024 / 1024} MB.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
