import rhea, { type DecodedMessage, type Link, type Typed } from './rhea.ts'
import { section, sections } from './sections.ts'
import { canTransfer, transfer } from './transfer.ts'
import { valueEnd } from './wire.ts'

/** A request on `$cbs` or on an entity's `$management` node. */
export interface Request {
  readonly id: DecodedMessage['message_id']
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

const maxWaiting = 1000
const noTag = Buffer.alloc(4)

/** Reads a request. Throws `MalformedError`. */
export function decodeRequest(payload: Buffer): Request {
  for (let at = 0; at < payload.length; ) at = valueEnd(payload, at)
  const message = rhea.message.decode(payload)
  const properties = message.application_properties ?? {}
  return {
    id: message.message_id,
    replyTo: String(message.reply_to ?? ''),
    operation: String(properties.operation ?? ''),
    properties,
    body: message.body,
    encodedBody: encodedBody(payload),
  }
}

function encodedBody(payload: Buffer): Buffer {
  const value = sections(payload).find(({ code }) => code === section.value)
  return value ? payload.subarray(value.value, value.end) : Buffer.alloc(0)
}

/** Sends responses of one connection to the links that its requests name. */
export class Responder {
  readonly #links = new Map<string, Link>()
  readonly #waiting = new Map<Link, Buffer[]>()

  add(link: Link): void {
    for (const name of [link.target?.address, link.name]) if (name) this.#links.set(name, link)
  }

  remove(link: Link): void {
    this.#waiting.delete(link)
    for (const [name, known] of this.#links) if (known === link) this.#links.delete(name)
  }

  respond(request: Request, response: Response): void {
    const link = this.#links.get(request.replyTo)
    if (link === undefined) return
    const payload = rhea.message.encode({ correlation_id: request.id, ...response })
    const waiting = this.#waiting.get(link) ?? []
    if (waiting.length < maxWaiting) waiting.push(payload)
    this.#waiting.set(link, waiting)
    this.flush(link)
  }

  /** Sends what waits for credit. Returns whether the link is one of this responder's. */
  flush(link: Link): void {
    const waiting = this.#waiting.get(link)
    while (waiting !== undefined && waiting.length > 0 && canTransfer(link)) {
      transfer(link, noTag, waiting.shift() as Buffer, true)
    }
  }
}
