import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseDuration, readConfig } from './config.ts'

function withQueue(Properties: object): object {
  return { UserConfig: { Namespaces: [{ Name: 'n', Queues: [{ Name: 'q', Properties }] }] } }
}

describe('a configuration', () => {
  it('of the project is understood', () => {
    const file = new URL('../service-bus.config.json', import.meta.url)
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
    [{ LockDuration: 'PT6M' }, /at most PT5M/],
    [{ MaxDeliveryCount: 0 }, /MaxDeliveryCount: a whole number/],
    [{ RequiresSession: 'yes' }, /RequiresSession: true or false/],
  ])('with a mistake is refused, with the place and what is right: %j', (properties, message) => {
    expect(() => readConfig(withQueue(properties))).toThrow(message)
  })

  it('with an SQL filter is refused: the broker would not do what it says', () => {
    const rule = {
      Name: 'r',
      Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: "colour = 'red'" } },
    }
    const topic = { Name: 't', Subscriptions: [{ Name: 's', Rules: [rule] }] }
    expect(() => readConfig({ UserConfig: { Namespaces: [{ Topics: [topic] }] } })).toThrow(
      /SQL filters are not supported/,
    )
  })
})

describe('a duration', () => {
  it.each([
    ['PT1M', 60_000],
    ['PT0.5S', 500],
    ['P14D', 14 * 86_400_000],
    ['P1DT2H3M4S', 93_784_000],
    ['P', undefined],
    ['PT', undefined],
    ['1m', undefined],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })
})
