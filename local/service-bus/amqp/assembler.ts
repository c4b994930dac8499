import type { Frame, TransferFields } from './rhea.ts'

/** A message whose last frame is in; its payload, or why there is none. */
export interface Assembled {
  readonly fields: TransferFields
  readonly payload: Buffer | undefined
  /** The connection held too many bytes of unfinished messages to keep this one, too. */
  readonly lackedRoom: boolean
  readonly isAborted: boolean
}

/** What a part of a message takes beside its bytes: clients may send parts of no or few bytes. */
const partOverhead = 128

/** Room for the unfinished messages of one connection, over all its links. */
export class AssemblyRoom {
  #free: number

  /** @param size Bytes. */
  constructor(size: number) {
    this.#free = size
  }

  /** Takes room for a part; false when there is too little left. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#free += bytes
  }
}

/** Puts the parts of a multi-frame transfer together; a message over the limit or without room is counted but not kept. */
export class TransferAssembler {
  readonly #limit: number
  readonly #room: AssemblyRoom
  #parts: Buffer[] = []
  #size = 0
  #taken = 0
  #lackedRoom = false
  #first: TransferFields | undefined

  /** @param limit Bytes of the largest message. */
  constructor(limit: number, room: AssemblyRoom) {
    this.#limit = limit
    this.#room = room
  }

  /**
   * Returns the complete message once its last frame is in; `payload` is undefined when it was over the limit or lacked
   * room. What the client aborts is a delivery too.
   */
  add({ performative: fields, payload = empty }: Frame<TransferFields>): Assembled | undefined {
    const isLast = !fields.more || fields.aborted === true
    if (isLast && this.#first === undefined) {
      const isTooLarge = payload.length > this.#limit
      return this.#assembled(fields, fields, isTooLarge ? undefined : payload)
    }
    const first = this.#first ?? fields
    this.#first = first
    this.#keep(payload)
    if (!isLast) return undefined
    const isKept = this.#size <= this.#limit && !this.#lackedRoom
    const assembled = this.#assembled(first, fields, isKept ? Buffer.concat(this.#parts) : undefined)
    this.discard()
    return assembled
  }

  /** Forgets an unfinished message. */
  discard(): void {
    this.#drop()
    this.#first = undefined
    this.#size = 0
    this.#lackedRoom = false
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    const wanted = part.length + partOverhead
    if (this.#size <= this.#limit && !this.#lackedRoom) {
      if (this.#room.take(wanted)) {
        this.#taken += wanted
        this.#parts.push(part)
        return
      }
      this.#lackedRoom = true
    }
    this.#drop()
  }

  #drop(): void {
    this.#room.giveBack(this.#taken)
    this.#taken = 0
    this.#parts = []
  }

  #assembled(first: TransferFields, last: TransferFields, payload: Buffer | undefined): Assembled {
    return { fields: first, payload, lackedRoom: this.#lackedRoom, isAborted: last.aborted === true }
  }
}

const empty = Buffer.alloc(0)
