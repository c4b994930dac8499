import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Broker } from '../broker.ts'
import { checkSignature, covers, pathOf, type SharedAccessKey } from '../claims.ts'
import type { Entity, QueueEntity, SubscriptionEntity, TopicEntity } from '../engine/namespace.ts'
import { type Entry, entryDocument, errorDocument, feedDocument } from './atom.ts'
import {
  namespaceEntry,
  type Origin,
  queueEntry,
  ruleEntry,
  subscriptionEntry,
  topicEntry,
} from './descriptions.ts'

export interface AdminServerOptions {
  readonly broker: Broker
  readonly key: SharedAccessKey
}

interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * The part of the Service Bus administration API that reads: the namespace, its entities with their counts, and rules,
 * as Atom documents over HTTP. Requests are signed as those to the service are; `/health` is open to all.
 */
export class AdminServer {
  readonly #options: AdminServerOptions
  readonly #servers: Server[] = []
  readonly #startedAt = new Date()

  constructor(options: AdminServerOptions) {
    this.#options = options
  }

  /** Resolves with the port once requests are answered; without a host on both loopback addresses. */
  async listen(port: number, host: string | undefined): Promise<number> {
    if (host !== undefined) return this.#listen(port, host)
    const chosen = await this.#listen(port, '127.0.0.1')
    await this.#listen(chosen, '::1').catch(() => {
      // A machine without IPv6 is reached by IPv4.
    })
    return chosen
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve))
        server.closeAllConnections()
        return closed
      }),
    )
  }

  async #listen(port: number, host: string): Promise<number> {
    const server = createServer((request, response) => this.#answer(request, response))
    server.listen(port, host)
    await once(server, 'listening')
    this.#servers.push(server)
    return (server.address() as AddressInfo).port
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    if (request.url === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"healthy"}')
      return
    }
    const { status, body } = this.#respond(request)
    response.writeHead(status, { 'content-type': 'application/atom+xml;charset=utf-8' }).end(body)
  }

  #respond(request: IncomingMessage): Answer {
    const host = request.headers.host ?? 'localhost'
    if (!URL.canParse(request.url ?? '/', `http://${host}`)) return failure(400, 'The URL is not valid.')
    const url = new URL(request.url ?? '/', `http://${host}`)
    if (!this.#isAuthorized(request.headers.authorization ?? '', url))
      return failure(401, 'The token is missing or invalid.')
    if (request.method !== 'GET') {
      return failure(400, 'Entities are declared in the configuration; this endpoint only reads.')
    }
    return this.#read(url)
  }

  #isAuthorized(token: string, url: URL): boolean {
    const claim = checkSignature(token, this.#options.key, this.#options.broker.now())
    return claim !== undefined && covers(decode(claim.path), decode(pathOf(url.href)))
  }

  #read(url: URL): Answer {
    const origin: Origin = { baseUrl: url.origin, startedAt: this.#startedAt }
    const path = decode(url.pathname).replace(/^\/+|\/+$/g, '')
    const { namespace } = this.#options.broker
    const lower = path.toLowerCase()
    if (lower === '$namespaceinfo') return document(namespaceEntry(origin))
    const entities = [...namespace.entities()]
    if (lower === '$resources/queues') {
      const queues = entities.filter((entity): entity is QueueEntity => entity.kind === 'queue')
      return page(
        url,
        queues.map((queue) => queueEntry(queue, origin)),
      )
    }
    if (lower === '$resources/topics') {
      const topics = entities.filter((entity): entity is TopicEntity => entity.kind === 'topic')
      return page(
        url,
        topics.map((topic) => topicEntry(topic, origin)),
      )
    }
    const entity = namespace.find(path)
    if (entity !== undefined) return document(entityEntry(entity, origin))
    const list = /^(.*)\/(subscriptions|rules)$/i.exec(path)
    const owner = list && namespace.find(list[1] as string)
    if (owner?.kind === 'topic') {
      return page(
        url,
        owner.subscriptions.map((subscription) => subscriptionEntry(subscription, origin)),
      )
    }
    if (owner?.kind === 'subscription') {
      const subscription = owner as SubscriptionEntity
      return page(
        url,
        subscription.description.rules.map((rule) => ruleEntry(subscription, rule, origin)),
      )
    }
    const [, subscriptionPath, ruleName] = /^(.*)\/rules\/([^/]+)$/i.exec(path) ?? []
    const subscription = subscriptionPath === undefined ? undefined : namespace.find(subscriptionPath)
    if (subscription?.kind === 'subscription') {
      const { rules } = (subscription as SubscriptionEntity).description
      const rule = rules.find(({ name }) => name.toLowerCase() === ruleName?.toLowerCase())
      if (rule !== undefined) return document(ruleEntry(subscription as SubscriptionEntity, rule, origin))
    }
    return failure(404, `The messaging entity '${path}' could not be found.`)
  }
}

function entityEntry(entity: Entity, origin: Origin): Entry {
  if (entity.kind === 'topic') return topicEntry(entity, origin)
  if (entity.kind === 'subscription') return subscriptionEntry(entity as SubscriptionEntity, origin)
  return queueEntry(entity, origin)
}

/** One page of a list, as `$skip` and `$top` ask for it. */
function page(url: URL, entries: readonly Entry[]): Answer {
  const skip = natural(url.searchParams.get('$skip'), 0)
  const top = natural(url.searchParams.get('$top'), 100)
  const next = new URL(url)
  next.searchParams.set('$skip', String(skip + top))
  const hasMore = skip + top < entries.length
  const body = feedDocument(url.href, entries.slice(skip, skip + top), hasMore ? next.href : undefined)
  return { status: 200, body }
}

function natural(text: string | null, otherwise: number): number {
  const number = Number(text)
  return text !== null && Number.isInteger(number) && number >= 0 ? number : otherwise
}

function document(entry: Entry): Answer {
  return { status: 200, body: entryDocument(entry) }
}

function failure(status: number, detail: string): Answer {
  return { status, body: errorDocument(status, detail) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
