import { type Access, Credentials, type Right } from '../access.ts'
import type { Broker } from '../broker.ts'
import { checkSends } from '../engine/entities.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, QueueEntity } from '../engine/namespace.ts'
import type { Assembled } from './assembler.ts'
import { AttachedLinks, coordinatorTarget, isCoordinator, watchAttaches } from './attaches.ts'
import { Coordinator } from './coordinator.ts'
import type { Dispatcher } from './dispatcher.ts'
import { accepted, Dispositions, rejected } from './dispositions.ts'
import { amqpError, entityNotFound, UnauthorizedError } from './errors.ts'
import { watchFlows } from './flows.ts'
import { IncomingLinks } from './incomingLinks.ts'
import { manage } from './management.ts'
import { deliveryState, grantCredit, notKept, Producer } from './producer.ts'
import { checkReceivable, Receivers } from './receivers.ts'
import { decodeRequest, type Request, Responder, type Response } from './responder.ts'
import rhea, { type Connection, type Link, type Session, type TransferFields, type Typed } from './rhea.ts'
import { putToken } from './tokens.ts'
import { answerDrain, isWindowOpen, sendHeldBack } from './transfer.ts'

export interface ConnectionOptions {
  readonly broker: Broker
  readonly access: Access
  readonly maxMessageSize: number
  /** Takes a line on what happens to this connection. */
  readonly log: (line: string) => void
  /** The dispatcher of a queue. */
  readonly dispatcher: (entity: QueueEntity) => Dispatcher
}

/** Sessions and links that one connection may have. */
const maxLinks = 2000

/** Bytes of a batch of messages, however large one message may be. */
const maxBatchSize = 1024 * 1024

const managementSuffix = '/$management'

/** One client's connection: what its links stand for, and what it may do. */
export class ClientConnection {
  readonly #options: ConnectionOptions
  readonly #credentials: Credentials
  readonly #coordinator = new Coordinator()
  readonly #responder = new Responder()
  // Links beyond those that it may have are refused, and cost something until the client has taken note.
  readonly #attached = new AttachedLinks(2 * maxLinks)
  readonly #incoming: IncomingLinks
  readonly #receivers: Receivers
  readonly #entities = new Map<Link, Entity>()
  #sessions = 0

  constructor(connection: Connection, options: ConnectionOptions) {
    this.#options = options
    this.#credentials = new Credentials(options.access)
    this.#incoming = new IncomingLinks(connection, options.maxMessageSize)
    this.#receivers = new Receivers(this.#services, options.dispatcher)
    connection.on('receiver_open', ({ receiver }) => this.#onSendingClient(receiver))
    connection.on('sender_open', ({ sender }) => this.#onReceivingClient(sender))
    connection.on('sender_flow', ({ sender }) => this.#onFlow(sender))
    connection.on('receiver_close', ({ receiver }) => this.#forget(receiver))
    connection.on('sender_close', ({ sender }) => this.#forget(sender))
    connection.on('session_close', ({ session }) => {
      this.#sessions--
      this.#attached.removeAll(session)
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
      watchAttaches(session, this.#attached)
      watchFlows(session)
    }
  }

  /** Takes a token in by another way than `$cbs`; false when it is no good. */
  async authenticate(token: string): Promise<boolean> {
    const refusal = await this.#credentials.add(token, '', this.#options.broker.now())
    if (refusal) this.#options.log(`refused a name and key: ${refusal.refused}`)
    return refusal === undefined
  }

  /** Lets go of everything that the connection held. */
  close(): void {
    this.#forgetAll(() => true)
  }

  /** Goes on with deliveries that the socket or the client's window has held up. */
  resume(): void {
    this.#receivers.resume()
  }

  /** Ends the links to an entity that is gone, or that may not be used this way any more. */
  review(changed: Entity): void {
    for (const [link, entity] of [...this.#entities]) {
      if (entity !== changed) continue
      const failure = this.#refusal(link, entity)
      if (failure === undefined) continue
      this.#options.log(`ended a link of '${entity.path}': ${reasonOf(failure)}`)
      this.#forget(link)
      if (link.is_receiver()) this.#refuse(link, failure)
      // Who waits for a session has had no answer to its attach yet.
      link.open()
      link.close(amqpError(failure))
    }
  }

  /** Answers what is on its way on a link that the broker ends. */
  #refuse(link: Link, failure: unknown): void {
    const dispositions = new Dispositions(link.session, true)
    this.#incoming.add(link, 0, ({ fields: { delivery_id, settled } }) => {
      if (!settled) dispositions.settle(delivery_id ?? 0, rejected(amqpError(failure)))
    })
  }

  #refusal(link: Link, entity: Entity): unknown {
    if (this.#options.broker.namespace.find(entity.path) !== entity) return entityNotFound(entity.path)
    try {
      if (!link.is_receiver()) checkReceivable(entity)
      else if (!isManagement(link.target?.address ?? '')) checkSends(entity)
      return undefined
    } catch (error) {
      return error
    }
  }

  // ── Clients that send ────────────────────────────────────────────────────────────────────────────────────────────

  #onSendingClient(link: Link): void {
    const address = link.target?.address ?? ''
    echoModes(link)
    try {
      this.#checkLinks()
      if (isCoordinator(link)) {
        link.local.attach.target = coordinatorTarget
        this.#coordinate(link)
        return
      }
      link.set_target({ address })
      if (link.source) link.set_source({ address: link.source.address ?? '' })
      if (address.toLowerCase() === '$cbs') this.#awaitTokens(link)
      else if (isManagement(address)) this.#manage(link, address)
      else this.#produce(link, this.#entity(address, ['Send']))
    } catch (error) {
      this.#turnAway(link, address, error)
    }
  }

  #awaitTokens(link: Link): void {
    const { broker, log } = this.#options
    this.#listen(link, (request) => putToken(request, this.#credentials, broker.now(), log))
  }

  #manage(link: Link, address: string): void {
    const entity = this.#entity(address.slice(0, -managementSuffix.length), ['Listen', 'Send'], address)
    this.#entities.set(link, entity)
    const { broker, maxMessageSize } = this.#options
    this.#listen(link, (request, fields) => {
      const linkName = request.properties['associated-link-name']
      return manage(request, entity, {
        broker,
        maxMessageSize,
        sessionToken: this.#receivers.sessionToken(linkName),
        enlisted: () => this.#coordinator.enlisted(deliveryState(fields)),
        demand: (right) => this.#demand(address, [right]),
      })
    })
  }

  #produce(link: Link, entity: Entity): void {
    if (entity.kind === 'subscription' || entity.kind === 'deadLetterQueue') {
      throw new Failure('not-allowed', `Messages cannot be sent to '${entity.path}'.`)
    }
    checkSends(entity)
    const maxMessageSize = entity.description.settings.maxMessageSize ?? this.#options.maxMessageSize
    const { attach } = link.local
    attach.max_message_size = maxMessageSize
    attach.properties = {
      'com.microsoft:max-message-batch-size': rhea.types.wrap_ulong(Math.min(maxMessageSize, maxBatchSize)),
    }
    this.#entities.set(link, entity)
    const producer = new Producer(link, entity, this.#services, maxMessageSize)
    this.#incoming.add(link, maxMessageSize, (message) => producer.receive(message))
  }

  /** Takes requests in, and settles each at once: the answer goes its own way. */
  #listen(
    link: Link,
    answer: (request: Request, fields: TransferFields) => Response | Promise<Response>,
  ): void {
    const dispositions = new Dispositions(link.session, true)
    this.#take(link, ({ fields, payload, lackedRoom }, limit) => {
      const outcome = payload === undefined ? rejected(amqpError(notKept(lackedRoom, limit))) : accepted
      if (!fields.settled) dispositions.settle(fields.delivery_id ?? 0, outcome)
      if (payload === undefined) return
      const request = decodeRequest(payload)
      const response = answer(request, fields)
      const respond = (given: Response) =>
        this.#options.broker.afterCommit(() => this.#responder.respond(request, given))
      if (response instanceof Promise) void response.then(respond)
      else respond(response)
    })
  }

  #coordinate(link: Link): void {
    const dispositions = new Dispositions(link.session, true)
    const { broker } = this.#options
    this.#take(link, ({ fields, payload }) => {
      const settle = (outcome: Typed) => dispositions.settle(fields.delivery_id ?? 0, outcome)
      try {
        const outcome = this.#coordinator.perform(payload ?? Buffer.alloc(0), link, broker.now())
        broker.afterCommit(() => settle(outcome))
      } catch (error) {
        settle(rejected(amqpError(error)))
      }
    })
  }

  #take(link: Link, receive: (message: Assembled, limit: number) => unknown): void {
    grantCredit(link)
    const limit = this.#options.maxMessageSize * 4
    this.#incoming.add(link, limit, (message) => {
      grantCredit(link)
      receive(message, limit)
    })
  }

  // ── Clients that receive ─────────────────────────────────────────────────────────────────────────────────────────

  #onReceivingClient(link: Link): void {
    const address = link.source?.address ?? ''
    echoModes(link)
    if (link.target) link.set_target({ address: link.target.address ?? '' })
    link.set_source({ address })
    try {
      this.#checkLinks()
      if (address.toLowerCase() === '$cbs' || isManagement(address)) this.#responder.add(link)
      else {
        const entity = this.#entity(address, ['Listen'])
        this.#receivers.add(link, entity)
        this.#entities.set(link, entity)
      }
    } catch (error) {
      this.#turnAway(link, address, error)
    }
  }

  #turnAway(link: Link, address: string, error: unknown): void {
    this.#options.log(`refused a link ${link.is_receiver() ? 'to' : 'from'} '${address}': ${reasonOf(error)}`)
    refuse(link, error)
  }

  #onFlow(link: Link): void {
    this.#responder.flush(link)
    if (!this.#receivers.onFlow(link) && link._draining) answerDrain(link)
  }

  /** Goes on with deliveries when a client whose window was full opens it again: rhea tells of links only. */
  #watchWindow(session: Session): void {
    const { outgoing } = session
    const onFlow = outgoing.on_flow
    outgoing.on_flow = (fields) => {
      const wasShut = !isWindowOpen(session)
      onFlow.call(outgoing, fields)
      sendHeldBack(session)
      if (wasShut) this.resume()
    }
  }

  // ── Common ───────────────────────────────────────────────────────────────────────────────────────────────────────

  get #services() {
    return { broker: this.#options.broker, coordinator: this.#coordinator }
  }

  /** The entity at an address, for who has one of these rights to it or to the node of it that is asked for. */
  #entity(address: string, rights: readonly Right[], node = address): Entity {
    this.#demand(node, rights)
    const entity = this.#options.broker.namespace.find(address.replace(/^\/+/, ''))
    if (entity === undefined) throw entityNotFound(address)
    return entity
  }

  #demand(address: string, rights: readonly Right[]): void {
    const now = this.#options.broker.now()
    if (rights.some((right) => this.#credentials.allow(address, right, now))) return
    throw new UnauthorizedError(address, rights)
  }

  #checkLinks(): void {
    const links = this.#incoming.size + this.#receivers.size + this.#responder.links().size
    if (links >= maxLinks) {
      throw new Failure('quota-exceeded', `A connection may have ${maxLinks} links.`)
    }
  }

  #forget(link: Link): void {
    this.#incoming.forget(link)
    this.#entities.delete(link)
    this.#coordinator.forget(link)
    this.#responder.remove(link)
    this.#receivers.forget(link)
  }

  #forgetAll(concerned: (link: Link) => boolean): void {
    const links = [...this.#incoming.links(), ...this.#receivers.links(), ...this.#responder.links()]
    for (const link of links) if (concerned(link)) this.#forget(link)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isManagement(address: string): boolean {
  return address.toLowerCase().endsWith(managementSuffix)
}

/** The answer to an attach names the modes that hold: those that the client asked for. */
function echoModes({ local, remote }: Link): void {
  local.attach.snd_settle_mode = remote.attach.snd_settle_mode
  local.attach.rcv_settle_mode = remote.attach.rcv_settle_mode
}

/** Refuses a link as AMQP 1.0 wants it (2.6.3): an attach without a terminus of the broker's, then a detach. */
function refuse(link: Link, error: unknown): void {
  const { attach } = link.local
  if (link.is_receiver()) attach.target = null
  else attach.source = null
  link.close(amqpError(error))
}
