import rhea, { type Link, type Typed } from './rhea.ts'
import { section, sections } from './sections.ts'
import { canTransfer, transfer } from './transfer.ts'
import { elements, valueEnd } from './wire.ts'

/** A request on `$cbs` or on an entity's `$management` node. */
export interface Request {
  /** The message id as it came, with its type; undefined when it is none. */
  readonly id: Typed | undefined
  readonly replyTo: string
  readonly operation: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly body: unknown
  /** The body as it came, with the types of its values; empty when there is none. */
  readonly encodedBody: Buffer
}

export interface Response {
  readonly application_properties: Record<string, Typed | string>
  readonly body?: Typed | string | null
}

/** Answers that may wait for a client that grants no credit for them, and their bytes over all links. */
const maxWaiting = 1000
const maxWaitingBytes = 16 * 1024 * 1024
const noTag = Buffer.alloc(4)

/** Reads a request. Throws `MalformedError`. */
export function decodeRequest(payload: Buffer): Request {
  for (let at = 0; at < payload.length; ) at = valueEnd(payload, at)
  const message = rhea.message.decode(payload)
  const properties = message.application_properties ?? {}
  return {
    id: messageId(payload),
    replyTo: String(message.reply_to ?? ''),
    operation: String(properties.operation ?? ''),
    properties,
    body: message.body,
    encodedBody: encodedBody(payload),
  }
}

/** The type codes that a message id may have: unsigned longs, UUIDs, bytes and texts (AMQP 1.0, 3.2.11 to 3.2.14). */
const idCodes: ReadonlySet<number | undefined> = new Set([0x44, 0x53, 0x80, 0x98, 0xa0, 0xa1, 0xb0, 0xb1])

function messageId(payload: Buffer): Typed | undefined {
  const properties = sections(payload).find(({ code }) => code === section.properties)
  const [at] = properties ? elements(payload, properties.value).offsets : []
  if (at === undefined || !idCodes.has(payload[at])) return undefined
  return new rhea.types.Reader(payload.subarray(at)).read()
}

function encodedBody(payload: Buffer): Buffer {
  const value = sections(payload).find(({ code }) => code === section.value)
  return value ? payload.subarray(value.value, value.end) : Buffer.alloc(0)
}

/** Sends responses of one connection to the links that its requests name. */
export class Responder {
  readonly #links = new Map<string, Link>()
  readonly #waiting = new Map<Link, Buffer[]>()
  #waitingBytes = 0

  add(link: Link): void {
    for (const name of [link.target?.address, link.name]) if (name) this.#links.set(name, link)
  }

  /** The links that answers go to. */
  links(): Set<Link> {
    return new Set(this.#links.values())
  }

  remove(link: Link): void {
    for (const payload of this.#waiting.get(link) ?? []) this.#waitingBytes -= payload.length
    this.#waiting.delete(link)
    for (const [name, known] of this.#links) if (known === link) this.#links.delete(name)
  }

  respond(request: Request, response: Response): void {
    const link = this.#links.get(request.replyTo)
    if (link === undefined) return
    const payload = rhea.message.encode({ correlation_id: request.id, ...response })
    const waiting = this.#waiting.get(link) ?? []
    this.#waiting.set(link, waiting)
    if (waiting.length < maxWaiting && this.#waitingBytes < maxWaitingBytes) {
      waiting.push(payload)
      this.#waitingBytes += payload.length
    }
    this.flush(link)
  }

  /** Sends what waits for credit. Returns whether the link is one of this responder's. */
  flush(link: Link): void {
    const waiting = this.#waiting.get(link)
    while (waiting !== undefined && waiting.length > 0 && canTransfer(link)) {
      const payload = waiting.shift() as Buffer
      this.#waitingBytes -= payload.length
      transfer(link, noTag, payload, true)
    }
  }
}
