import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { parseDuration } from './configReader.ts'

function withQueue(Properties: object): object {
  return { UserConfig: { Namespaces: [{ Name: 'n', Queues: [{ Name: 'q', Properties }] }] } }
}

describe('a configuration', () => {
  it('of the project is understood', () => {
    const file = new URL('../../infra/service-bus.json', import.meta.url)
    const { queues } = readConfig(JSON.parse(readFileSync(file, 'utf8')))
    expect(queues.find(({ name }) => name === 'orders')?.settings).toMatchObject({
      lockDuration: 60_000,
      maxDeliveryCount: 10,
      deadLetteringOnExpiration: true,
    })
  })

  it('may leave out everything but names', () => {
    expect(readConfig(withQueue({})).queues[0]?.settings).toMatchObject({
      lockDuration: 60_000,
      maxDeliveryCount: 10,
      defaultTimeToLive: Number.POSITIVE_INFINITY,
      duplicateDetectionWindow: 0,
    })
    expect(readConfig(undefined)).toEqual({ queues: [], topics: [] })
  })

  it.each([
    [{ LockDuration: 'one minute' }, /Queues\[0\]\.Properties\.LockDuration: .*PT1M/],
    [{ LockDuration: 'PT6M' }, /LockDuration: at most PT5M/],
    [{ MaxDeliveryCount: 0 }, /MaxDeliveryCount: a whole number/],
    [{ RequiresSession: 'yes' }, /RequiresSession: true or false/],
  ])('with a mistake is refused, with the place and what is right: %j', (properties, message) => {
    expect(() => readConfig(withQueue(properties))).toThrow(message)
  })

  // Both SDKs refuse slashes there (`CheckValidSubscriptionName`); only queues and topics have a size.
  it.each([
    [{ Name: 'a/b' }, /Subscriptions\[0\]\.Name: .* no slashes/],
    [{ Name: 's', Properties: { MaxSizeInMegabytes: 5 } }, /MaxSizeInMegabytes: there is no such property/],
  ])('with a subscription that cannot be is refused: %j', (subscription, message) => {
    const topics = [{ Name: 't', Subscriptions: [subscription] }]
    expect(() => readConfig({ UserConfig: { Namespaces: [{ Name: 'n', Topics: topics }] } })).toThrow(message)
  })

  it("of Microsoft's emulator, as it ships, is taken with its SQL filter and action", () => {
    const file = new URL('./fixtures/emulator-config.json', import.meta.url)
    const { queues, topics } = readConfig(readFileSync(file, 'utf8'))
    expect(queues).toMatchObject([
      { name: 'queue.1', settings: { maxDeliveryCount: 3, defaultTimeToLive: 3_600_000 } },
    ])
    expect(topics[0]?.subscriptions.map(({ rules }) => rules[0])).toMatchObject([
      { filter: { kind: 'correlation', subject: 'subject1', sessionId: 'session1' } },
      {
        filter: {
          kind: 'correlation',
          applicationProperties: { prop3: { type: 'string', value: 'value3' } },
        },
      },
      { name: '$Default', filter: { kind: 'true' } },
      {
        filter: { kind: 'sql', expression: "sys.MessageId = '123456' AND userProp1 = 'value1'" },
        action: { expression: "SET sys.To = 'Entity'" },
      },
    ])
  })

  it('may begin with a byte-order mark; text that is not JSON is refused', () => {
    expect(readConfig(`\uFEFF${JSON.stringify(withQueue({}))}`).queues).toHaveLength(1)
    expect(() => readConfig('{ "UserConfig": ')).toThrow(/config: JSON is expected/)
  })

  it('follows what else the service knows of entities', () => {
    const [queue] = readConfig(
      withQueue({
        Status: 'SendDisabled',
        AutoDeleteOnIdle: 'PT10M',
        MaxMessageSizeInKilobytes: 1024,
        UserMetadata: 'mine',
        EnableBatchedOperations: false,
      }),
    ).queues
    expect(queue).toMatchObject({
      status: 'SendDisabled',
      autoDeleteOnIdle: 600_000,
      userMetadata: 'mine',
      enableBatchedOperations: false,
      settings: { maxMessageSize: 1_048_576 },
    })
  })

  it('with two namespaces is served as one; a queue that both declare must be alike', () => {
    const namespaces = (second: object) => ({
      UserConfig: {
        Namespaces: [
          { Name: 'a', Queues: [{ Name: 'q', Properties: { MaxDeliveryCount: 3 } }, { Name: 'only' }] },
          { Name: 'b', Queues: [{ Name: 'Q', Properties: second }] },
        ],
      },
    })
    const names = (config: object, namespace?: string) =>
      readConfig(config, { namespace }).queues.map((q) => q.name)
    expect(names(namespaces({ MaxDeliveryCount: 4 }), 'b')).toEqual(['Q'])
    expect(() => names(namespaces({ MaxDeliveryCount: 4 }))).toThrow(
      /Namespaces\[1\]\.Queues\[0\]: .*declared otherwise/,
    )
    expect(() => names(namespaces({}), 'c')).toThrow(/there is no namespace 'c'/)
  })
})

function withRule(Properties: object): object {
  const Rules = [{ Name: 'r', Properties }]
  const Topics = [{ Name: 't', Subscriptions: [{ Name: 's', Rules }] }]
  return { UserConfig: { Namespaces: [{ Topics }] } }
}

describe('nothing of a configuration is ignored:', () => {
  const rule = 'config.UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0]'

  it.each([
    [{ FilterType: 'SqlFilter' }, `${rule}.Properties.FilterType: one of Correlation, Sql is expected`],
    [{ FilterType: 'Correlation' }, 'a correlation filter needs at least one property'],
    [{}, 'a correlation filter needs at least one property'],
    [{ FilterType: 'Sql' }, `${rule}.Properties.SqlFilter.SqlExpression: an expression is expected`],
    [
      { FilterType: 'Sql', SqlFilter: { SqlExpression: "colour = 'red" } },
      'without its closing quote at position 10',
    ],
    [{ FilterType: 'Sql', SqlFilter: { SqlExpression: "sys.Subject = 'x'" } }, "the subject is 'sys.Label'"],
    [
      { FilterType: 'Sql', SqlFilter: { Expression: '1=1' } },
      `${rule}.Properties.SqlFilter.Expression: there is no such`,
    ],
    [
      { FilterType: 'Sql', SqlFilter: { SqlExpression: '1=1' }, CorrelationFilter: { Label: 'x' } },
      `${rule}.Properties.CorrelationFilter: the rule's FilterType is Sql`,
    ],
    [
      { CorrelationFilter: { label: 'x' } },
      'CorrelationFilter.label: there is no such property (it is written Label)',
    ],
    [{ CorrelationFilter: { Properties: { a: [1] } } }, 'CorrelationFilter.Properties.a: a text, a number'],
    [{ CorrelationFilter: { Label: 'x' }, Action: { SqlExpression: 'SET x' } }, "'=' is expected"],
    [
      { CorrelationFilter: { Label: 'x' }, Action: { SqlExpression: 'SET sys.Size = 1' } },
      "'Size' cannot be set",
    ],
  ])('a rule of %j', (properties, message) => {
    expect(() => readConfig(withRule(properties))).toThrow(message)
  })

  it.each([
    [{ MaxDeliveryCont: 3 }, 'Queues[0].Properties.MaxDeliveryCont: there is no such property'],
    [{ lockDuration: 'PT1M' }, 'it is written LockDuration'],
    [{ AutoDeleteOnIdle: 'PT1M' }, 'AutoDeleteOnIdle: at least PT5M'],
    [{ Status: 'Off' }, 'Status: one of Active, Disabled, SendDisabled, ReceiveDisabled is expected'],
    [{ EnablePartitioning: true }, 'partitioned entities do not exist'],
    [{ MaxMessageSizeInKilobytes: 1_000_000 }, 'MaxMessageSizeInKilobytes: at most 102400'],
    [{ MaxDeliveryCount: 2001 }, 'MaxDeliveryCount: at most 2000'],
    [{ SupportOrdering: true }, 'Properties.SupportOrdering: there is no such property'],
  ])('a queue of %j', (properties, message) => {
    expect(() => readConfig(withQueue(properties))).toThrow(message)
  })

  it.each([
    [{ UserConfig: {}, Extra: 1 }, 'config.Extra: there is no such property'],
    [{ UserConfig: { Logging: { Type: 'Syslog' } } }, 'Logging.Type: one of File'],
    [{ UserConfig: { Namespaces: [{ Queues: [{ Name: 'a?b' }] }] } }, "not 'a?b'"],
    [{ UserConfig: { Namespaces: [{ Queues: [{ Name: 'q' }, { Name: 'Q' }] }] } }, "'Q' is declared twice"],
    [
      { UserConfig: { Namespaces: [{ Topics: [{ Name: 't', Properties: { RequiresSession: true } }] }] } },
      'RequiresSession',
    ],
  ])('elsewhere: %j', (config, message) => {
    expect(() => readConfig(config)).toThrow(message)
  })
})

describe('a duration', () => {
  it.each([
    ['PT1M', 60_000],
    ['PT0.5S', 500],
    ['P14D', 14 * 86_400_000],
    ['P1DT2H3M4S', 93_784_000],
    ['P1Y1M', 395 * 86_400_000],
    ['P10675199DT2H48M5.4775807S', Number.POSITIVE_INFINITY],
    ['P', undefined],
    ['PT', undefined],
    ['1m', undefined],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })
})
