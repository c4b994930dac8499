import { createConnection } from 'node:net'
// @ts-expect-error rhea ships no types for its frames
import rheaFrames from 'rhea/lib/frames.js'
import { afterTest, eventually } from './bus.ts'

/** A frame as rhea reads it. */
export interface RawFrame {
  readonly performative: Record<string, unknown> & {
    readonly constructor: { readonly descriptor: { readonly numeric: number } }
  }
  readonly payload?: Buffer
}

type Composites = Record<string, (fields: object) => object> & {
  readonly sasl_frame: (performative: object) => object
  readonly amqp_frame: (channel: number, performative: object, payload?: Buffer) => object
  readonly write_frame: (frame: object) => Buffer
  readonly read_frame: (buffer: Buffer) => RawFrame
}
const frames = rheaFrames as Composites

const saslHeader = Buffer.from('AMQP\x03\x01\x00\x00', 'latin1')
const amqpHeader = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1')

/** A client that sends whatever frames a test asks for, and keeps all that it receives. */
export async function rawClient(port: number) {
  const socket = createConnection(port, '127.0.0.1')
  afterTest(async () => socket.destroy())
  socket.on('error', () => {})
  const received: RawFrame[] = []
  let bytes = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    for (let size = 0; ; bytes = bytes.subarray(size)) {
      const isHeader = bytes.subarray(0, 4).toString() === 'AMQP'
      size = isHeader ? 8 : bytes.length < 4 ? 8 : bytes.readUInt32BE(0)
      if (bytes.length < size) break
      if (!isHeader && size > 8) received.push(frames.read_frame(bytes.subarray(0, size)))
    }
  })
  const next = (code: number, wanted: (fields: Record<string, unknown>) => boolean = () => true) =>
    eventually(() => {
      if (socket.destroyed) throw new Error('the broker has cut the connection')
      return received.find(
        ({ performative }) => codeOf(performative) === code && wanted(performative as never),
      )
    })
  const send = (name: string, fields: object = {}, payload?: Buffer) =>
    socket.write(frames.write_frame(frames.amqp_frame(0, make(name, fields), payload)))
  const response = Buffer.from('\0RootManageSharedAccessKey\0SAS_KEY_VALUE')
  socket.write(saslHeader)
  socket.write(
    frames.write_frame(
      frames.sasl_frame(make('sasl_init', { mechanism: 'PLAIN', initial_response: response })),
    ),
  )
  await next(code.saslOutcome)
  socket.write(amqpHeader)
  send('open', { container_id: 'raw' })
  send('begin', { next_outgoing_id: 0, incoming_window: 100, outgoing_window: 100 })
  await next(code.begin)
  return { send, next, received, socket }
}

/** Descriptors of performatives (AMQP 1.0, 2.7 and 5.3.3). */
export const code = {
  begin: 0x11,
  attach: 0x12,
  flow: 0x13,
  transfer: 0x14,
  disposition: 0x15,
  detach: 0x16,
  saslOutcome: 0x44,
} as const

function make(name: string, fields: object): object {
  return (frames[name] as (fields: object) => object)(fields)
}

function codeOf(performative: RawFrame['performative']): number {
  return performative.constructor.descriptor.numeric
}
