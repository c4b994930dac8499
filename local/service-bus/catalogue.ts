import type {
  EntityDescription,
  NamespaceDescription,
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
} from './engine/description.ts'
import type { Entity } from './engine/entities.ts'
import { fromJson, toJson } from './storage/json.ts'

/** An entity as it is kept with the data. Descriptions are JSON. */
export interface KeptEntity {
  readonly path: string
  readonly kind: 'queue' | 'subscription' | 'topic'
  /** What the configuration said at the last start; undefined for what a client has created. */
  readonly declared: string | undefined
  /** What became of it; undefined when a client has deleted it. */
  readonly current: string | undefined
}

/** Where entities are kept. */
export interface Catalogue {
  read(): readonly KeptEntity[]
  write(entity: KeptEntity): void
  /** Forgets the entity altogether. */
  remove(path: string): void
}

/** A catalogue that keeps nothing. */
export const forgetfulCatalogue: Catalogue = { read: () => [], write() {}, remove() {} }

type Kept = Pick<KeptEntity, 'kind' | 'path'> & { readonly description: EntityDescription }

/**
 * The entities at the start: what the configuration declares, and what clients have made of it. A client's changes hold
 * until the declaration changes; entities that only clients know stay, those that left the configuration go.
 */
export class Entities {
  readonly #catalogue: Catalogue
  readonly #declared = new Map<string, string>()
  /** What the configuration says. */
  readonly declaration: NamespaceDescription

  constructor(declaration: NamespaceDescription, catalogue: Catalogue) {
    this.declaration = declaration
    this.#catalogue = catalogue
    for (const entity of flat(declaration)) this.#declared.set(keyOf(entity.path), encode(entity.description))
  }

  /** What to start with. */
  start(): NamespaceDescription {
    const kept = new Map(this.#catalogue.read().map((entity) => [keyOf(entity.path), entity]))
    const found: Kept[] = []
    for (const entity of flat(this.declaration)) {
      const { path, kind } = entity
      const declared = this.#declared.get(keyOf(path)) as string
      const earlier = kept.get(keyOf(path))
      kept.delete(keyOf(path))
      if (earlier?.declared === declared && earlier.kind === kind) {
        if (earlier.current !== undefined) found.push({ path, kind, description: decode(earlier.current) })
      } else {
        found.push(entity)
        this.#catalogue.write({ path, kind, declared, current: declared })
      }
    }
    for (const { path, kind, declared, current } of kept.values()) {
      if (declared === undefined && current !== undefined)
        found.push({ path, kind, description: decode(current) })
      else this.#catalogue.remove(path)
    }
    return nested(found)
  }

  /** Keeps what an entity is now. */
  changed(entity: Entity): void {
    if (entity.kind === 'deadLetterQueue') return
    const { path, kind } = entity
    const declared = this.#declared.get(keyOf(path))
    this.#catalogue.write({ path, kind, declared, current: encode(entity.description) })
  }

  /** Keeps that an entity is gone. */
  removed(entity: Entity): void {
    if (entity.kind === 'deadLetterQueue') return
    const { path, kind } = entity
    const declared = this.#declared.get(keyOf(path))
    if (declared === undefined) this.#catalogue.remove(path)
    else this.#catalogue.write({ path, kind, declared, current: undefined })
  }
}

function flat({ queues, topics }: NamespaceDescription): Kept[] {
  return [
    ...queues.map((description): Kept => ({ kind: 'queue', path: description.name, description })),
    ...topics.flatMap((topic): Kept[] => [
      { kind: 'topic', path: topic.name, description: { ...topic, subscriptions: [] } as EntityDescription },
      ...topic.subscriptions.map(
        (description): Kept => ({
          kind: 'subscription',
          path: `${topic.name}/Subscriptions/${description.name}`,
          description,
        }),
      ),
    ]),
  ]
}

function nested(entities: readonly Kept[]): NamespaceDescription {
  const of = (kind: Kept['kind']) => entities.filter((entity) => entity.kind === kind)
  return {
    queues: of('queue').map(({ description }) => description as QueueDescription),
    topics: of('topic').map(({ path, description }) => ({
      ...(description as TopicDescription),
      subscriptions: of('subscription')
        .filter((each) => keyOf(each.path).startsWith(`${keyOf(path)}/subscriptions/`))
        .map((each) => each.description as SubscriptionDescription),
    })),
  }
}

function encode(description: EntityDescription): string {
  return toJson({ ...description, subscriptions: undefined })
}

function decode(json: string): EntityDescription {
  return fromJson(json) as EntityDescription
}

function keyOf(path: string): string {
  return path.toLowerCase()
}
