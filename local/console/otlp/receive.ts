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

/** In bytes: what is taken of a request as it comes, and once it is unpacked. And how many are worked on at once. */
const most = { sent: 4 * 1024 * 1024, unpacked: 16 * 1024 * 1024, atOnce: 8 }

const { root } = protobuf.parse(readFileSync(new URL('./otlp.proto', import.meta.url), 'utf8'))

/** How a request is read, and what its answer calls those of its records that were not taken. */
const signals = {
  '/v1/traces': {
    type: root.lookupType('Traces'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addSpans(readSpans(request)),
    rejected: 'rejectedSpans',
  },
  '/v1/logs': {
    type: root.lookupType('Logs'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addLogs(readLogs(request)),
    rejected: 'rejectedLogRecords',
  },
  '/v1/metrics': {
    type: root.lookupType('Metrics'),
    take: (telemetry: Telemetry, request: unknown) => telemetry.addMetrics(readMetrics(request)),
    rejected: 'rejectedDataPoints',
  },
}
export type SignalPath = keyof typeof signals

export const isSignalPath = (path: string): path is SignalPath => Object.hasOwn(signals, path)

export interface OtlpAnswer {
  type: 'application/json' | 'application/x-protobuf'
  body: string | Uint8Array
}

let underWay = 0

/**
 * Takes what an exporter sends; nothing of it when any of it is wrong.
 * @throws {HttpError} 400, 413, 415, or 503 when too many send at once.
 */
export async function receive(
  path: SignalPath,
  request: IncomingMessage,
  telemetry: Telemetry,
): Promise<OtlpAnswer> {
  const type = typeOf(request)
  if (!type) throw new HttpError(415, 'OTLP comes as application/x-protobuf or application/json.')
  if (underWay >= most.atOnce) throw new HttpError(503, `At most ${most.atOnce} requests are taken at once.`)
  underWay++
  try {
    const body = await unpack(request, await readBody(request, most.sent))
    const { take, type: message, rejected } = signals[path]
    const count = taken(() =>
      take(telemetry, type === 'application/json' ? parse(body.toString()) : decode(message, body)),
    )
    return { type, body: answerTo(type, rejected, count) }
  } finally {
    underWay--
  }
}

/** A refusal as the protocol has it, for a request in protobuf; undefined: the console's own will do. */
export function refusalFor(request: IncomingMessage, message: string): OtlpAnswer | undefined {
  const type = typeOf(request)
  if (type !== 'application/x-protobuf') return undefined
  return { type, body: encode('Refusal', { message }) }
}

function typeOf({ headers }: IncomingMessage): OtlpAnswer['type'] | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/json' || type === 'application/x-protobuf' ? type : undefined
}

function taken(take: () => number): number {
  try {
    return take()
  } catch (error) {
    if (error instanceof ZodError)
      throw new HttpError(400, `This is no OTLP: ${z.prettifyError(error).slice(0, 500)}`)
    throw new HttpError(400, `This is no OTLP: ${(error as Error).message}`)
  }
}

/** Without a word in it: everything was taken. */
function answerTo(type: OtlpAnswer['type'], name: string, count: number): OtlpAnswer['body'] {
  const errorMessage = 'The console keeps no more of this, or nothing as large: docs/console.md.'
  if (type === 'application/json')
    return JSON.stringify(count ? { partialSuccess: { [name]: String(count), errorMessage } } : {})
  return encode('Taken', count ? { partialSuccess: { rejected: count, errorMessage } } : {})
}

/** JSON may have null for whatever is not there. */
const parse = (text: string): unknown =>
  JSON.parse(text, (_, value: unknown) => (value === null ? undefined : value))
const decode = (type: protobuf.Type, body: Buffer) => type.toObject(type.decode(body), { longs: String })
const encode = (name: string, value: object) => {
  const type = root.lookupType(name)
  return type.encode(type.fromObject(value)).finish()
}

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
