import { describe, expect, it } from 'vitest'
import { type Rule, defaultSettings as settings } from './description.ts'
import { type MessageFormat, opaque } from './distribution.ts'
import { Namespace, type SubscriptionEntity, type TopicEntity } from './namespace.ts'
import { resetNamespace } from './reset.ts'
import { textValue } from './value.ts'

const minute = 60_000

/** Messages whose bytes are their colour. */
const colours: MessageFormat = {
  properties: (bytes) => ({
    system: {},
    applicationProperties: { colour: textValue(Buffer.from(bytes).toString()) },
  }),
  rewrite: (_bytes, { applicationProperties }) =>
    Buffer.from(
      [...applicationProperties].map(([name, value]) => `${name}=${value?.value ?? 'removed'}`).join(' '),
    ),
}

function send(namespace: Namespace, path: string, colour: string, now = 0): void {
  namespace.find(path)?.queue.send([{ messageId: colour, encoded: Buffer.from(colour) }], now)
}

function contents(namespace: Namespace, path: string): string[] {
  const messages = namespace.find(path)?.queue.peek(0, 100, 0) ?? []
  return messages.map(({ encoded }) => Buffer.from(encoded).toString())
}

function withRules(rules: readonly Rule[], deadLetteringOnFilterErrors = false): Namespace {
  const subscriptions = [{ name: 's', settings, rules, deadLetteringOnFilterErrors }]
  return new Namespace({ queues: [], topics: [{ name: 't', settings, subscriptions }] }, 0, {
    format: colours,
  })
}

describe('the rules of a subscription', () => {
  it('let one copy through for all rules without actions, and one more for each with an action', () => {
    const sql = (name: string, expression: string, action?: string): Rule => ({
      name,
      filter: { kind: 'sql', expression },
      ...(action && { action: { expression: action } }),
    })
    const namespace = withRules([
      sql('a', "colour = 'red'"),
      sql('b', '1=1'),
      sql('c', "colour LIKE 'r%'", "SET colour = colour + '!'; REMOVE shade"),
      sql('d', "colour = 'blue'", "SET colour = 'x'"),
    ])
    send(namespace, 't', 'red')
    expect(contents(namespace, 't/subscriptions/s')).toEqual(['colour=red! shade=removed RuleName=c', 'red'])
  })

  it.each([
    [true, 1],
    [false, 0],
  ])('that cannot be evaluated dead-letter the message if asked to: %s', (asked, count) => {
    const namespace = withRules([{ name: 'r', filter: { kind: 'sql', expression: 'colour > 5' } }], asked)
    send(namespace, 't', 'red')
    expect(contents(namespace, 't/subscriptions/s')).toEqual([])
    const dead = namespace.find('t/subscriptions/s/$DeadLetterQueue')?.queue.peek(0, 10, 0) ?? []
    expect(dead).toHaveLength(count)
    if (asked) expect(dead[0]?.changes).toMatchObject({ DeadLetterReason: textValue('FilterException') })
  })
})

describe('an entity with AutoDeleteOnIdle', () => {
  const idle = { settings, autoDeleteOnIdle: 5 * minute }

  it('is deleted when nobody has used it for so long', () => {
    const namespace = new Namespace({ queues: [{ name: 'q', ...idle }], topics: [] }, 0, { format: opaque })
    send(namespace, 'q', 'x', 2 * minute)
    expect(namespace.advance(6 * minute)).toBe(7 * minute)
    expect(namespace.find('q')).toBeDefined()
    namespace.advance(7 * minute)
    expect(namespace.find('q')).toBeUndefined()
    expect(namespace.find('q/$DeadLetterQueue')).toBeUndefined()
  })

  it('stays while somebody is connected to it or messages are scheduled in it', () => {
    let isInUse = true
    const queues = ['q', 'r'].map((name) => ({ name, ...idle }))
    const namespace = new Namespace({ queues, topics: [] }, 0, { isInUse: (path) => isInUse && path === 'q' })
    const later = [{ messageId: '1', encoded: Buffer.alloc(1), scheduledFor: 60 * minute }]
    namespace.find('r')?.queue.send(later, 0)
    for (let now = 0; now <= 30 * minute; now += minute) namespace.advance(now)
    expect(['q', 'r'].map((path) => namespace.find(path)?.path)).toEqual(['q', 'r'])
    isInUse = false
    for (let now = 31 * minute; now <= 36 * minute; now += minute) namespace.advance(now)
    expect(namespace.find('q')).toBeUndefined()
    expect(namespace.find('r')).toBeDefined()
  })

  it('that is a topic lives as long as its subscriptions are used', () => {
    const topic = { name: 't', ...idle, subscriptions: [{ name: 's', settings, rules: [] }] }
    const namespace = new Namespace({ queues: [], topics: [topic] }, 0)
    namespace.find('t/subscriptions/s')?.queue.receive('peekLock', 4 * minute)
    namespace.advance(6 * minute)
    expect(namespace.find('t')).toBeDefined()
    namespace.advance(10 * minute)
    expect(namespace.find('t/subscriptions/s')).toBeUndefined()
  })
})

describe('forwarding', () => {
  const queue = (name: string, forwardTo?: string) => ({ name, settings, forwardTo })

  it('in a circle through a topic is refused, at the start and later', () => {
    const subscription = { name: 's', settings, rules: [], forwardTo: 'q' }
    const topics = [{ name: 't', settings, subscriptions: [subscription] }]
    expect(() => new Namespace({ queues: [queue('q', 't')], topics }, 0)).toThrow(
      /in a circle: q → t → t\/Subscriptions\/s → q/,
    )
    const namespace = new Namespace({ queues: [queue('q')], topics }, 0)
    const q = namespace.find('q') as ReturnType<Namespace['createQueue']>
    expect(() => namespace.update(q, queue('q', 't'), 0)).toThrow(/in a circle/)
    expect(q.description.forwardTo).toBeUndefined()
  })

  it('goes on four times and no more', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => queue(`q${i}`, i + 1 < length ? `q${i + 1}` : undefined))
    const namespace = new Namespace({ queues: chain(5), topics: [] }, 0)
    send(namespace, 'q0', 'x')
    expect(contents(namespace, 'q4')).toEqual(['x'])
    expect(() => new Namespace({ queues: chain(6), topics: [] }, 0)).toThrow(/more than 4 times/)
    expect(() => namespace.createQueue(queue('first', 'q0'), 0)).toThrow(/more than 4 times/)
    expect(namespace.find('first')).toBeUndefined()
  })

  it('sets messages aside that the target cannot take: it is shut, gone or full', () => {
    const small = { ...settings, maxSize: 50 }
    const dead = { ...queue('dead'), forwardDeadLetteredMessagesTo: 'to' }
    const namespace = new Namespace(
      { queues: [queue('from', 'to'), { ...queue('to'), settings: small }, dead], topics: [] },
      0,
    )
    const to = namespace.find('to') as ReturnType<Namespace['createQueue']>
    const aside = 'from/$Transfer/$DeadLetterQueue'
    namespace.update(to, { ...to.description, status: 'SendDisabled' }, 0)
    send(namespace, 'from', 'shut')
    expect(contents(namespace, aside)).toEqual(['shut'])
    namespace.update(to, { ...to.description, status: 'Active' }, 0)
    const large = 'x'.repeat(60)
    send(namespace, 'from', large)
    send(namespace, 'from', 'y')
    namespace.remove(to)
    send(namespace, 'from', 'gone')
    expect(contents(namespace, aside)).toEqual(['shut', large, 'gone'])
    expect(contents(namespace, 'from')).toEqual([])
    // Dead letters that cannot be passed on are not lost either.
    send(namespace, 'dead', 'letter')
    const queueOfDead = (namespace.find('dead') as ReturnType<Namespace['createQueue']>).queue
    queueOfDead.deadLetter(queueOfDead.receive('peekLock', 0)?.lock?.token as string, 0, {})
    expect(contents(namespace, 'dead/$Transfer/$DeadLetterQueue')).toEqual(['letter'])
  })

  it('of dead letters to each other goes on by and by, and does not exhaust the stack', () => {
    const queues = ['a', 'b'].map((name, i) => ({
      name,
      settings: { ...settings, requiresSession: true },
      forwardDeadLetteredMessagesTo: i === 0 ? 'b' : 'a',
    }))
    const namespace = new Namespace({ queues, topics: [{ name: 't', settings, subscriptions: [] }] }, 0)
    const subscription = {
      name: 's',
      settings,
      rules: [{ name: 'r', filter: { kind: 'true' } as const }],
      forwardTo: 'a',
    }
    namespace.createSubscription(namespace.find('t') as TopicEntity, subscription, 0)
    send(namespace, 't', 'x')
    const kept = ['a/$DeadLetterQueue', 'b/$DeadLetterQueue'].flatMap((path) => contents(namespace, path))
    expect(kept).toEqual(['x'])
  })
})

describe('a reset of the namespace', () => {
  it('puts back what is declared, whatever was deleted, made or changed', () => {
    const declaration = {
      queues: [
        { name: 'a', settings, forwardTo: 'b' },
        { name: 'b', settings },
        { name: 'grouped', settings: { ...settings, requiresSession: true } },
      ],
      topics: [{ name: 't', settings, subscriptions: [{ name: 's', settings, rules: [] }] }],
    }
    const namespace = new Namespace(declaration, 0)
    for (const path of ['a', 'b', 't', 'grouped'])
      namespace.remove(namespace.find(path) as SubscriptionEntity)
    namespace.createQueue({ name: 'made', settings }, 0)
    namespace.createQueue({ name: 'grouped', settings }, 0)
    namespace.createTopic({ name: 'b', settings, subscriptions: [] }, 0)
    resetNamespace(namespace, declaration, 0)
    const paths = [...namespace.entities()]
      .filter(({ kind }) => kind !== 'deadLetterQueue')
      .map(({ path }) => path)
    expect(paths.sort()).toEqual(['a', 'b', 'grouped', 't', 't/Subscriptions/s'])
    expect(namespace.find('grouped')?.queue.settings.requiresSession).toBe(true)
    send(namespace, 'a', 'x')
    expect(contents(namespace, 'b')).toEqual(['x'])
  })
})
