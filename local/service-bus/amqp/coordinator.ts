import { randomBytes } from 'node:crypto'
import { Failure } from '../engine/failure.ts'
import { Transaction } from '../engine/transaction.ts'
import rhea, { type Link, type Typed } from './rhea.ts'
import { section, sections } from './sections.ts'
import { elements, MalformedError, readDescribed, readScalar } from './wire.ts'

/** Descriptors of AMQP 1.0, part 4. */
const descriptor = { declare: 0x31, discharge: 0x32, declared: 0x33, transactionalState: 0x34 } as const

const symbols: Readonly<Record<string, number>> = {
  'amqp:transactional-state:list': descriptor.transactionalState,
}

/** Transactions that one connection may have open. */
const maxTransactions = 100

/** A transaction as a delivery or a settlement names it, with the outcome that it gives. */
export interface Enlisted {
  readonly transaction: Transaction
  /** Says, as a settlement, that this was done in the transaction. */
  answer(outcome: Typed): Typed
  readonly outcome: Typed | undefined
}

/** The transactions of one connection. */
export class Coordinator {
  readonly #transactions = new Map<string, { readonly transaction: Transaction; readonly link: Link }>()

  /** Performs a message to the coordinator (declare or discharge) on a link and returns its outcome. Throws `Failure`. */
  perform(payload: Buffer, link: Link, now: number): Typed {
    const body = sections(payload).find(({ code }) => code === section.value)
    if (body === undefined) throw new MalformedError('a transaction request without a body')
    const { code, value } = readDescribed(payload, body.value)
    if (code === descriptor.declare) return this.#declare(link)
    if (code !== descriptor.discharge) throw new MalformedError('this is no transaction request')
    const [id, fail] = elements(payload, value).offsets.map((at) => readScalar(payload, at))
    const key = Buffer.isBuffer(id) ? id.toString('hex') : ''
    const transaction = this.#find(key)
    this.#transactions.delete(key)
    if (fail !== true) transaction.commit(now)
    return rhea.message.accepted().described()
  }

  /** The transaction that a delivery state names; undefined when it names none. Throws `Failure`. */
  enlisted(state: Typed | null | undefined): Enlisted | undefined {
    const name = state?.descriptor?.value
    const code = typeof name === 'string' ? symbols[name] : name
    if (state === null || state === undefined || code !== descriptor.transactionalState) return undefined
    const [id, outcome] = state.value as (Typed | undefined)[]
    const bytes = Buffer.isBuffer(id?.value) ? id.value : Buffer.alloc(0)
    return {
      transaction: this.#find(bytes.toString('hex')),
      answer: (given) =>
        rhea.types.wrap_described([rhea.types.wrap_binary(bytes), given], descriptor.transactionalState),
      outcome: outcome?.descriptor === undefined ? undefined : outcome,
    }
  }

  /** Rolls back what was declared on a link that is closed (AMQP 1.0, 4.2). */
  forget(closed: Link): void {
    for (const [key, { link }] of this.#transactions) if (link === closed) this.#transactions.delete(key)
  }

  #declare(link: Link): Typed {
    if (this.#transactions.size >= maxTransactions) {
      throw new Failure('quota-exceeded', `A connection may have ${maxTransactions} transactions.`)
    }
    const id = randomBytes(16)
    this.#transactions.set(id.toString('hex'), { transaction: new Transaction(), link })
    return rhea.types.wrap_described([rhea.types.wrap_binary(id)], descriptor.declared)
  }

  #find(key: string): Transaction {
    const found = this.#transactions.get(key)
    if (found === undefined) throw new Failure('transaction-unknown', 'The transaction does not exist.')
    return found.transaction
  }
}
