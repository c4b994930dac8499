/**
 * The parts of rhea that the broker uses, typed. rhea keeps the state of connections, sessions and links and encodes
 * control frames; transfers and dispositions are read and written by the broker itself.
 */
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import container from 'rhea'
// @ts-expect-error rhea ships no types for its frames
import rheaFrames from 'rhea/lib/frames.js'

/** A value with its AMQP type. */
export interface Typed {
  readonly type: unknown
  readonly value: unknown
  readonly descriptor?: { readonly value: unknown }
}

/** A performative or other composite that can be written. */
export interface Composite {
  readonly value: unknown[]
}

export interface AmqpError {
  readonly condition: string
  readonly description: string
  readonly info?: Record<string, unknown>
}

export interface Terminus {
  readonly address?: string | null
  readonly filter?: Record<string, unknown> | null
}

interface LinkState {
  local_open: boolean
  open_requests: number
}

/** One end of a link. A peer's sender is our receiver, and the other way round. */
export interface Link extends EventEmitter {
  readonly name: string
  readonly session: Session
  readonly connection: Connection
  readonly state: LinkState
  readonly local: { readonly handle: number; readonly attach: Record<string, unknown> }
  readonly remote: {
    handle?: number
    readonly attach: { readonly snd_settle_mode?: number; readonly rcv_settle_mode?: number }
  }
  readonly source: Terminus | null
  readonly target: Terminus | null
  readonly properties?: Record<string, unknown> | null
  credit: number
  delivery_count: number
  issue_flow: boolean
  set_source(source: object): void
  set_target(target: object): void
  is_open(): boolean
  is_receiver(): boolean
  on_flow(frame: Frame<FlowFields>): void
  open(): void
  close(error?: AmqpError): void
  /** Receivers only: grants the peer more credit. */
  flow(credit: number): void
  /** Senders only: tells a draining peer that nothing more comes. */
  set_drained(drained: boolean): void
  _draining?: boolean
}

export interface DispositionFields {
  readonly role: boolean
  readonly first: number
  readonly last?: number | null
  readonly settled?: boolean | null
  readonly state?: Typed | null
}

export interface Session {
  readonly connection: Connection
  readonly outgoing: {
    remote_window?: number | null
    remote_next_transfer_id?: number | null
    next_delivery_id: number
    next_pending_delivery: number
    next_transfer_id: number
    on_disposition(fields: DispositionFields): void
    on_flow(fields: unknown): void
  }
  readonly incoming: {
    next_transfer_id: number
    readonly window: number
    max_transfer_id: number
    on_disposition(fields: DispositionFields): void
    on_flow(fields: unknown): void
  }
  readonly local: { readonly channel: number; readonly handles: Record<number, Link> }
  readonly links: Record<string, Link>
  readonly remote: { readonly handles: Record<number, Link> }
  output(frame: Composite, payload?: Buffer): void
  is_open(): boolean
  on_attach(frame: Frame<AttachFields>): void
  on_flow(frame: Frame<FlowFields>): void
  remove_link(link: Link): void
  _write_flow(link?: Link): void
  _get_link(frame: Frame): Link
}

export interface OpenFields {
  max_frame_size?: number | null
  idle_time_out?: number | null
}

export interface AttachFields {
  readonly name: string
  readonly handle: number
  /** True when the client receives. */
  readonly role: boolean
  target?: Typed | null
}

export interface FlowFields {
  readonly handle?: number | null
  readonly drain?: boolean | null
  readonly echo?: boolean | null
  delivery_count?: number | null
  link_credit?: number | null
}

export interface TransferFields {
  readonly handle: number
  readonly delivery_id?: number | null
  readonly message_format?: number | null
  readonly settled?: boolean | null
  /** All fields as they came, with their types; `state` is the eighth. */
  readonly value: readonly (Typed | undefined)[]
  readonly more?: boolean | null
  readonly aborted?: boolean | null
}

export interface Frame<T = unknown> {
  readonly channel: number
  readonly performative: T
  readonly payload?: Buffer
}

export interface Connection extends EventEmitter {
  readonly options: Record<string, unknown>
  readonly socket: Duplex
  /** The client's name, and what it says of itself. */
  readonly container_id?: string
  readonly properties?: Record<string, unknown> | null
  readonly max_frame_size?: number | null
  readonly remote_channel_map: Record<number, Session>
  readonly local_channel_map: Record<number, Session>
  saved_error?: unknown
  /** The size of the frame that rhea waits for. */
  frame_size?: number
  accept(socket: Duplex): Connection
  input(chunk: Buffer): void
  output(): void
  close(error?: AmqpError): void
  is_open(): boolean
  on_transfer(frame: Frame<TransferFields>): void
  on_open(frame: Frame<OpenFields>): void
  on_begin(frame: Frame): void
  on_attach(frame: Frame): void
  _process(): void
  _register(): void
  _disconnected(error?: Error): void
}

/** What rhea hands to listeners of its events. */
export interface Context {
  readonly connection: Connection
  readonly receiver?: Link
  readonly sender?: Link
  readonly error?: { readonly condition?: string; readonly message?: string }
}

export interface Container extends EventEmitter {
  create_connection(options: object): Connection
}

/** A message as rhea decodes it. */
export interface DecodedMessage {
  readonly message_id?: string | number | Buffer
  readonly reply_to?: string
  readonly application_properties?: Record<string, unknown>
  readonly body?: unknown
}

interface Rhea {
  create_container(options: object): Container
  readonly types: {
    readonly Reader: new (buffer: Buffer) => { read(): Typed }
    readonly Writer: new () => { write(value: Typed): void; toBuffer(): Buffer }
    wrap(value: unknown): Typed
    wrap_string(value: string): Typed
    wrap_symbol(value: string): Typed
    wrap_int(value: number): Typed
    wrap_long(value: number | Buffer): Typed
    wrap_ulong(value: number): Typed
    wrap_timestamp(value: number): Typed
    wrap_map(value: object): Typed
    wrap_list(value: readonly unknown[]): Typed
    wrap_array(value: readonly unknown[], code: number): Typed
    wrap_uuid(value: Buffer): Typed
    wrap_binary(value: Uint8Array): Typed
    wrap_described(value: unknown, descriptor: number): Typed
    unwrap(value: unknown): unknown
  }
  readonly message: {
    encode(message: object): Buffer
    decode(buffer: Buffer): DecodedMessage
    accepted(): { described(): Typed }
    rejected(fields: { error?: AmqpError }): { described(): Typed }
    unwrap_outcome(state: Typed): Record<string, unknown>
  }
}

const rhea = container as unknown as Rhea

export default rhea

/** Makes performatives. */
export const frames = rheaFrames as {
  disposition(fields: object): Composite
  flow(fields: object): Composite
}
