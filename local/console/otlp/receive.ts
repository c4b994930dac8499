/** `POST /v1/traces`, `/v1/logs` and `/v1/metrics`: OTLP over HTTP, as JSON or as protobuf, also compressed. */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import protobuf from 'protobufjs'
import { ZodError, z } from 'zod'
import { HttpError } from '../http/errors.ts'
import { readBody } from '../http/readBody.ts'
import type { Telemetry } from '../telemetry.ts'
import { readLogs, readMetrics, readSpans } from './read.ts'

/** In bytes: what is taken of a request as it comes, and once it is unpacked. */
const most = { sent: 4 * 1024 * 1024, unpacked: 16 * 1024 * 1024 }

const { root } = protobuf.parse(readFileSync(new URL('./otlp.proto', import.meta.url), 'utf8'))

const signals = {
  '/v1/traces': {
    type: root.lookupType('Traces'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addSpans(readSpans(request)),
  },
  '/v1/logs': {
    type: root.lookupType('Logs'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addLogs(readLogs(request)),
  },
  '/v1/metrics': {
    type: root.lookupType('Metrics'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addMetrics(readMetrics(request)),
  },
}
export type SignalPath = keyof typeof signals

export const isSignalPath = (path: string): path is SignalPath => Object.hasOwn(signals, path)

export interface OtlpAnswer {
  type: 'application/json' | 'application/x-protobuf'
  body: string
}

/**
 * Takes what an exporter sends; nothing of it when any of it is wrong.
 * @throws {HttpError} 400, 413 or 415.
 */
export async function receive(
  path: SignalPath,
  request: IncomingMessage,
  telemetry: Telemetry,
): Promise<OtlpAnswer> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/x-protobuf')
    throw new HttpError(415, 'OTLP comes as application/x-protobuf or application/json.')
  const body = await unpack(request, await readBody(request, most.sent))
  const { take, type: message } = signals[path]
  try {
    take(telemetry, type === 'application/json' ? JSON.parse(body.toString()) : decode(message, body))
  } catch (error) {
    if (error instanceof ZodError)
      throw new HttpError(400, `This is no OTLP: ${z.prettifyError(error).slice(0, 500)}`)
    throw new HttpError(400, `This is no OTLP: ${(error as Error).message}`)
  }
  // An answer without a word in it, in the form of the question: everything was taken.
  return { type, body: type === 'application/json' ? '{}' : '' }
}

const decode = (type: protobuf.Type, body: Buffer) => type.toObject(type.decode(body), { longs: String })

async function unpack(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip')
    throw new HttpError(415, `The content encoding is gzip or none, not "${encoding}".`)
  try {
    return await promisify(gunzip)(body, { maxOutputLength: most.unpacked })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new HttpError(413, `Unpacked, a request has at most ${most.unpacked / 1024 / 1024} MB.`)
    throw new HttpError(400, 'The body is not packed with gzip.')
  }
}
