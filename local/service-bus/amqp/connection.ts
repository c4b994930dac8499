import type { Broker } from '../broker.ts'
import { Claims, type SharedAccessKey } from '../claims.ts'
import { checkReceives, checkSends } from '../engine/entities.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, QueueEntity } from '../engine/namespace.ts'
import { Consumer, type HeldSession } from './consumer.ts'
import type { Dispatcher } from './dispatcher.ts'
import { Dispositions, rejected } from './dispositions.ts'
import { amqpError, entityNotFound, UnauthorizedError } from './errors.ts'
import { manage } from './management.ts'
import { grantCredit, Producer, TransferAssembler } from './producer.ts'
import { decodeRequest, type Request, Responder, type Response } from './responder.ts'
import rhea, { type Connection, type Frame, type Link, type Session, type TransferFields } from './rhea.ts'
import { awaitSession, grantSession, sessionAsked } from './sessionLink.ts'
import { isWindowOpen } from './transfer.ts'

export interface ConnectionOptions {
  readonly broker: Broker
  readonly key: SharedAccessKey
  readonly maxMessageSize: number
  /** The dispatcher of a queue. */
  readonly dispatcher: (entity: QueueEntity) => Dispatcher
}

/** Sessions and links that one connection may have. */
const maxLinks = 2000

const managementSuffix = '/$management'

/** A link on which the client sends: messages to an entity, or requests. */
interface Incoming {
  readonly assembler: TransferAssembler
  receive(fields: TransferFields, payload: Buffer | undefined): void
}

/** One client's connection: what its links stand for, and what it may do. */
export class ClientConnection {
  readonly #connection: Connection
  readonly #options: ConnectionOptions
  readonly #claims: Claims
  readonly #responder = new Responder()
  readonly #incoming = new Map<Link, Incoming>()
  readonly #consumers = new Map<Link, Consumer>()
  readonly #waiters = new Map<Link, () => void>()
  readonly #entities = new Map<Link, Entity>()
  #sessions = 0

  constructor(connection: Connection, options: ConnectionOptions) {
    this.#connection = connection
    this.#options = options
    this.#claims = new Claims(options.key)
    connection.on_transfer = (frame) => this.#onTransfer(frame)
    connection.on('receiver_open', ({ receiver }) => this.#onSendingClient(receiver))
    connection.on('sender_open', ({ sender }) => this.#onReceivingClient(sender))
    connection.on('sender_flow', ({ sender }) => this.#onFlow(sender))
    connection.on('receiver_close', ({ receiver }) => this.#forget(receiver))
    connection.on('sender_close', ({ sender }) => this.#forget(sender))
    connection.on('session_close', ({ session }) => {
      this.#sessions--
      this.#forgetAll((link) => link.session === session)
    })
    const beginSession = connection.on_begin
    connection.on_begin = (frame) => {
      if (++this.#sessions > maxLinks) throw new Error('too many sessions')
      beginSession.call(connection, frame)
      const session = connection.remote_channel_map[frame.channel]
      if (session === undefined) return
      // The broker keeps account of deliveries itself; rhea would walk through any range that a client names.
      session.incoming.on_disposition = () => {}
      session.outgoing.on_disposition = () => {}
      this.#watchWindow(session)
    }
  }

  /** Lets go of everything that the connection held. */
  close(): void {
    this.#forgetAll(() => true)
  }

  /** Goes on with deliveries that the socket or the client's window has held up. */
  resume(): void {
    for (const consumer of this.#consumers.values()) this.#options.dispatcher(consumer.entity).schedule()
  }

  /** Ends the links to an entity that is gone, or that may not be used this way any more. */
  review(changed: Entity): void {
    for (const [link, entity] of [...this.#entities]) {
      if (entity !== changed) continue
      const failure = this.#refusal(link, entity)
      if (failure === undefined) continue
      this.#forget(link)
      if (link.is_receiver()) this.#refuse(link, failure)
      link.close(amqpError(failure))
    }
  }

  /** Answers what is on its way on a link that the broker ends. */
  #refuse(link: Link, failure: unknown): void {
    const dispositions = new Dispositions(link.session, true)
    this.#incoming.set(link, {
      assembler: new TransferAssembler(0),
      receive: ({ delivery_id, settled }) => {
        if (!settled) dispositions.settle(delivery_id ?? 0, rejected(amqpError(failure)))
      },
    })
  }

  #refusal(link: Link, entity: Entity): unknown {
    if (this.#options.broker.namespace.find(entity.path) !== entity) return entityNotFound(entity.path)
    try {
      if (!link.is_receiver()) checkReceives(entity)
      else if (!isManagement(link.target?.address ?? '')) checkSends(entity)
      return undefined
    } catch (error) {
      return error
    }
  }

  // ── Clients that send ────────────────────────────────────────────────────────────────────────────────────────────

  #onSendingClient(link: Link): void {
    const address = link.target?.address ?? ''
    link.set_target({ address })
    if (link.source) link.set_source({ address: link.source.address ?? '' })
    try {
      this.#checkLinks()
      if (address.toLowerCase() === '$cbs') this.#listen(link, (request) => this.#putToken(request))
      else if (isManagement(address)) {
        const entity = this.#entity(address.slice(0, -managementSuffix.length), address)
        this.#entities.set(link, entity)
        this.#listen(link, (request) => {
          const linkName = request.properties['associated-link-name']
          return manage(request, entity, this.#options.broker, this.#sessionToken(linkName))
        })
      } else this.#produce(link, this.#entity(address))
    } catch (error) {
      link.close(amqpError(error))
    }
  }

  #produce(link: Link, entity: Entity): void {
    if (entity.kind === 'subscription' || entity.kind === 'deadLetterQueue') {
      throw new Failure('not-allowed', `Messages cannot be sent to '${entity.path}'.`)
    }
    checkSends(entity)
    const { broker } = this.#options
    const maxMessageSize = entity.description.settings.maxMessageSize ?? this.#options.maxMessageSize
    this.#entities.set(link, entity)
    link.local.attach.max_message_size = maxMessageSize
    const producer = new Producer(link, entity, broker, maxMessageSize)
    this.#incoming.set(link, {
      assembler: new TransferAssembler(maxMessageSize),
      receive: (fields, payload) => producer.receive(fields, payload),
    })
  }

  #listen(link: Link, answer: (request: Request) => Response): void {
    grantCredit(link)
    this.#incoming.set(link, {
      assembler: new TransferAssembler(this.#options.maxMessageSize * 4),
      receive: (_fields, payload) => {
        grantCredit(link)
        if (payload === undefined) return
        const request = decodeRequest(payload)
        const response = answer(request)
        this.#options.broker.afterCommit(() => this.#responder.respond(request, response))
      },
    })
  }

  #onTransfer(frame: Frame<TransferFields>): void {
    const session = this.#connection.remote_channel_map[frame.channel]
    if (session === undefined) throw new Error('a transfer outside a session')
    const link = session._get_link(frame)
    session.incoming.next_transfer_id++
    this.#connection._register()
    const incoming = this.#incoming.get(link)
    if (incoming === undefined) return
    const complete = incoming.assembler.add(frame)
    if (complete === undefined) return
    if (link.credit <= 0) {
      link.close({
        condition: 'amqp:link:transfer-limit-exceeded',
        description: 'A message came without credit for it.',
      })
      return
    }
    link.credit--
    link.delivery_count++
    incoming.receive(complete.fields, complete.payload)
  }

  #putToken(request: Request): Response {
    const ok = typeof request.body === 'string' && this.#claims.add(request.body, this.#options.broker.now())
    const { wrap_int } = rhea.types
    if (ok)
      return { application_properties: { 'status-code': wrap_int(202), 'status-description': 'Accepted' } }
    return {
      application_properties: {
        'status-code': wrap_int(401),
        'status-description': 'InvalidSignature: The token has an invalid signature.',
        'error-condition': 'amqp:unauthorized-access',
      },
    }
  }

  // ── Clients that receive ─────────────────────────────────────────────────────────────────────────────────────────

  #onReceivingClient(link: Link): void {
    const address = link.source?.address ?? ''
    const { attach } = link.local
    attach.snd_settle_mode = link.remote.attach.snd_settle_mode
    attach.rcv_settle_mode = link.remote.attach.rcv_settle_mode
    if (link.target) link.set_target({ address: link.target.address ?? '' })
    link.set_source({ address })
    try {
      this.#checkLinks()
      if (address.toLowerCase() === '$cbs' || isManagement(address)) this.#responder.add(link)
      else this.#consume(link, this.#entity(address))
    } catch (error) {
      link.close(amqpError(error))
    }
  }

  #consume(link: Link, entity: Entity): void {
    if (entity.kind === 'topic') {
      throw new Failure('not-allowed', `'${entity.path}' is a topic: receive from one of its subscriptions.`)
    }
    if (entity.description.forwardTo && entity.kind !== 'deadLetterQueue') {
      throw new Failure(
        'not-allowed',
        `'${entity.path}' forwards its messages to '${entity.description.forwardTo}'.`,
      )
    }
    checkReceives(entity)
    this.#entities.set(link, entity)
    const { queue } = entity
    const asked = sessionAsked(link)
    if (asked.kind === 'none' && queue.settings.requiresSession) {
      throw new Failure(
        'not-allowed',
        'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
      )
    }
    if (asked.kind === 'none') this.#startConsumer(link, entity)
    else if (asked.kind === 'next') this.#awaitSession(link, entity)
    else {
      const session = queue.acceptSession(asked.id, this.#options.broker.now())
      if (session !== undefined) this.#startSession(link, entity, session)
    }
  }

  #startConsumer(link: Link, entity: QueueEntity, session?: HeldSession): void {
    const mode = link.remote.attach.snd_settle_mode === 1 ? 'receiveAndDelete' : 'peekLock'
    const consumer = new Consumer(link, entity, this.#options.broker, mode, session)
    this.#consumers.set(link, consumer)
    this.#options.dispatcher(entity).add(consumer)
  }

  #startSession(link: Link, entity: QueueEntity, session: HeldSession): void {
    this.#waiters.delete(link)
    grantSession(link, session)
    this.#startConsumer(link, entity, session)
  }

  #awaitSession(link: Link, entity: QueueEntity): void {
    if (!entity.queue.settings.requiresSession) {
      throw new Failure('not-allowed', `The entity '${entity.path}' does not have sessions.`)
    }
    const dispatcher = this.#options.dispatcher(entity)
    const stop = awaitSession(link, dispatcher, (session) => this.#startSession(link, entity, session))
    this.#waiters.set(link, stop)
  }

  #onFlow(link: Link): void {
    this.#responder.flush(link)
    const consumer = this.#consumers.get(link)
    if (consumer !== undefined) this.#options.dispatcher(consumer.entity).schedule()
  }

  /** Goes on with deliveries when a client whose window was full opens it again: rhea tells of links only. */
  #watchWindow(session: Session): void {
    const { outgoing } = session
    const onFlow = outgoing.on_flow
    outgoing.on_flow = (fields) => {
      const wasShut = !isWindowOpen(session)
      onFlow.call(outgoing, fields)
      if (wasShut) this.resume()
    }
  }

  // ── Common ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The entity at an address; a claim for the address of one of its nodes is enough. */
  #entity(address: string, claimed = address): Entity {
    if (!this.#claims.cover(claimed, this.#options.broker.now())) throw new UnauthorizedError(claimed)
    const entity = this.#options.broker.namespace.find(address.replace(/^\/+/, ''))
    if (entity === undefined) throw entityNotFound(address)
    return entity
  }

  #checkLinks(): void {
    if (this.#incoming.size + this.#consumers.size + this.#waiters.size >= maxLinks) {
      throw new Failure('quota-exceeded', `A connection may have ${maxLinks} links.`)
    }
  }

  #sessionToken(linkName: unknown): string | undefined {
    for (const [link, consumer] of this.#consumers) if (link.name === linkName) return consumer.session?.token
    return undefined
  }

  #forget(link: Link): void {
    this.#incoming.delete(link)
    this.#entities.delete(link)
    this.#responder.remove(link)
    this.#waiters.get(link)?.()
    this.#waiters.delete(link)
    const consumer = this.#consumers.get(link)
    if (consumer === undefined) return
    this.#consumers.delete(link)
    this.#options.dispatcher(consumer.entity).remove(consumer)
  }

  #forgetAll(concerned: (link: Link) => boolean): void {
    const links = [...this.#incoming.keys(), ...this.#consumers.keys(), ...this.#waiters.keys()]
    for (const link of links.filter(concerned)) this.#forget(link)
  }
}

function isManagement(address: string): boolean {
  return address.toLowerCase().endsWith(managementSuffix)
}
