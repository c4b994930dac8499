import type { Broker } from '../broker.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, QueueEntity, SubscriptionEntity, TopicEntity } from '../engine/namespace.ts'
import { findRule } from '../engine/rules.ts'
import { type Entry, entryDocument, feedDocument } from './atom.ts'
import { readBody } from './body.ts'
import {
  namespaceEntry,
  type Origin,
  queueEntry,
  ruleEntry,
  subscriptionEntry,
  topicEntry,
} from './descriptions.ts'
import { readQueue, readSubscription, readTopic } from './entityXml.ts'
import { readRule } from './ruleXml.ts'

/** A request that may be answered. */
export interface AdminRequest {
  readonly method: string
  readonly url: URL
  /** The path that the URL names, decoded, without slashes at its ends. */
  readonly path: string
  /** The request changes what exists (`If-Match`), and creates nothing. */
  readonly isUpdate: boolean
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Performs a request of the administration API. Throws `Failure`. */
export function perform(request: AdminRequest, broker: Broker, origin: Origin): Answer {
  switch (request.method) {
    case 'GET':
      return read(request, broker, origin)
    case 'PUT':
      return write(request, broker, origin)
    case 'DELETE':
      remove(request.path, broker)
      return { status: 200, body: '' }
    default:
      throw new Failure('argument-error', `The method ${request.method} is not one of GET, PUT and DELETE.`)
  }
}

const subscriptionPath = /^(.+)\/subscriptions\/([^/]+)$/i
const rulePath = /^(.+\/subscriptions\/[^/]+)\/rules\/([^/]+)$/i

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function read({ path, url }: AdminRequest, broker: Broker, origin: Origin): Answer {
  const { namespace } = broker
  const lower = path.toLowerCase()
  if (lower === '$namespaceinfo') return document(namespaceEntry(origin))
  if (lower === '$resources/queues' || lower === '$resources/topics') {
    const kind = lower === '$resources/queues' ? 'queue' : 'topic'
    const entities = [...namespace.entities()].filter((entity) => entity.kind === kind)
    return page(url, byPath(entities), (entity) => entityEntry(entity, origin))
  }
  const entity = namespace.find(path)
  if (entity !== undefined) return document(entityEntry(entity, origin))
  const list = /^(.*)\/(subscriptions|rules)$/i.exec(path)
  const owner = list && namespace.find(list[1] as string)
  if (owner?.kind === 'topic' && lower.endsWith('/subscriptions')) {
    return page(url, byPath(owner.subscriptions), (subscription) => subscriptionEntry(subscription, origin))
  }
  if (owner?.kind === 'subscription' && lower.endsWith('/rules')) {
    const subscription = owner as SubscriptionEntity
    return page(url, subscription.description.rules, (rule) => ruleEntry(subscription, rule, origin))
  }
  const [, subscription, name] = rulePath.exec(path) ?? []
  if (subscription === undefined || name === undefined) throw notFound(path)
  const found = subscriptionAt(subscription, broker)
  const rule = findRule(found, name)
  if (rule === undefined) throw notFound(path)
  return document(ruleEntry(found, rule, origin))
}

function entityEntry(entity: Entity, origin: Origin): Entry {
  if (entity.kind === 'topic') return topicEntry(entity, origin)
  if (entity.kind === 'subscription') return subscriptionEntry(entity as SubscriptionEntity, origin)
  return queueEntry(entity, origin)
}

function byPath<T extends Entity>(entities: readonly T[]): T[] {
  return [...entities].sort((a, b) => (a.path.toLowerCase() < b.path.toLowerCase() ? -1 : 1))
}

/** One page of a list, as `$skip` and `$top` ask for it. */
function page<T>(url: URL, items: readonly T[], entry: (item: T) => Entry): Answer {
  const skip = natural(url.searchParams.get('$skip'), 0)
  const top = natural(url.searchParams.get('$top'), 100)
  const next = new URL(url)
  next.searchParams.set('$skip', String(skip + top))
  const hasMore = skip + top < items.length
  const entries = items.slice(skip, skip + top).map(entry)
  return { status: 200, body: feedDocument(url.href, entries, hasMore ? next.href : undefined) }
}

function natural(text: string | null, otherwise: number): number {
  const number = Number(text)
  return text !== null && Number.isInteger(number) && number >= 0 ? number : otherwise
}

function document(entry: Entry, status = 200): Answer {
  return { status, body: entryDocument(entry) }
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function write(request: AdminRequest, broker: Broker, origin: Origin): Answer {
  const body = readBody(request.body)
  const status = request.isUpdate ? 200 : 201
  switch (body.type) {
    case 'QueueDescription':
      return document(queueEntry(writeQueue(request, body, broker), origin), status)
    case 'TopicDescription':
      return document(topicEntry(writeTopic(request, body, broker), origin), status)
    case 'SubscriptionDescription':
      return document(subscriptionEntry(writeSubscription(request, body, broker), origin), status)
    case 'RuleDescription':
      return writeRule(request, body, broker, origin)
    default:
      throw new Failure('argument-error', `'${body.type}' is not the description of an entity.`)
  }
}

type Body = ReturnType<typeof readBody>

function writeQueue({ path, isUpdate }: AdminRequest, body: Body, broker: Broker): QueueEntity {
  const { namespace } = broker
  if (!isUpdate) return namespace.createQueue(readQueue(path, body), broker.now())
  const queue = namespace.find(path)
  if (queue?.kind !== 'queue') throw notFound(path)
  namespace.update(queue, readQueue(queue.path, body, queue.description), broker.now())
  return queue
}

function writeTopic({ path, isUpdate }: AdminRequest, body: Body, broker: Broker): TopicEntity {
  const { namespace } = broker
  if (!isUpdate) return namespace.createTopic(readTopic(path, body), broker.now())
  const topic = namespace.find(path)
  if (topic?.kind !== 'topic') throw notFound(path)
  namespace.update(topic, readTopic(topic.path, body, topic.description), broker.now())
  return topic
}

function writeSubscription({ path, isUpdate }: AdminRequest, body: Body, broker: Broker): SubscriptionEntity {
  const { namespace } = broker
  const [, topicPath, name] = subscriptionPath.exec(path) ?? []
  if (topicPath === undefined || name === undefined) {
    throw new Failure('argument-error', `'${path}' is not the path of a subscription.`)
  }
  if (!isUpdate) {
    const topic = namespace.find(topicPath)
    if (topic?.kind !== 'topic') throw notFound(topicPath)
    return namespace.createSubscription(topic, readSubscription(name, body), broker.now())
  }
  const subscription = subscriptionAt(path, broker)
  const { description } = subscription
  namespace.update(subscription, readSubscription(description.name, body, description), broker.now())
  return subscription
}

function writeRule({ path, isUpdate }: AdminRequest, body: Body, broker: Broker, origin: Origin): Answer {
  const [, subscription, name] = rulePath.exec(path) ?? []
  if (subscription === undefined || name === undefined) {
    throw new Failure('argument-error', `'${path}' is not the path of a rule.`)
  }
  const owner = subscriptionAt(subscription, broker)
  const rule = readRule(body.fields, name)
  if (isUpdate) broker.namespace.replaceRule(owner, rule, broker.now())
  else broker.namespace.addRule(owner, rule, broker.now())
  return document(ruleEntry(owner, findRule(owner, name) ?? rule, origin), isUpdate ? 200 : 201)
}

function remove(path: string, broker: Broker): void {
  const [, subscription, rule] = rulePath.exec(path) ?? []
  if (subscription !== undefined && rule !== undefined) {
    broker.namespace.removeRule(subscriptionAt(subscription, broker), rule, broker.now())
    return
  }
  const entity = broker.namespace.find(path)
  if (entity === undefined || entity.kind === 'deadLetterQueue') throw notFound(path)
  broker.namespace.remove(entity)
}

function subscriptionAt(path: string, { namespace }: Broker): SubscriptionEntity {
  const entity = namespace.find(path)
  if (entity?.kind !== 'subscription') throw notFound(path)
  return entity as SubscriptionEntity
}

function notFound(path: string): Failure {
  return new Failure('entity-not-found', `The messaging entity '${path}' could not be found.`)
}
