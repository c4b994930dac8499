import { AnalyticsQuery } from '@store/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rangeOf, readChoice, stepsOf } from './analyticsRange.ts'

test('an address without a range, or with nonsense, shows the last 24 hours', () => {
  expect(readChoice('', '', '').preset).toBe('24h')
  expect(readChoice('toString', '2026-13-45', 'x').preset).toBe('24h')
  expect(readChoice('7d', '2026-11-09', '2026-11-02').preset).toBe('7d')
})

test('days from and to include both', () => {
  const choice = readChoice('7d', '2026-11-02', '2026-11-04')
  expect(choice.preset).toBeNull()
  const { from, to } = rangeOf(choice, 0)
  expect(Date.parse(to) - Date.parse(from)).toBe(3 * 24 * 3_600_000)
})

test('a preset begins with an hour and ends with the minute', () => {
  const now = Date.UTC(2026, 10, 23, 12, 30, 20)
  expect(rangeOf(readChoice('24h', '', ''), now)).toEqual({
    from: '2026-11-22T12:00:00.000Z',
    to: '2026-11-23T12:31:00.000Z',
  })
})

test('hours without an order are steps too', () => {
  const { unit, steps } = stepsOf({
    from: '2026-11-23T08:30:00.000Z',
    to: '2026-11-23T12:00:00.000Z',
    series: [
      { hour: '2026-11-23T09:00:00.000Z', orders: 2, revenue: 10.1 },
      { hour: '2026-11-23T11:00:00.000Z', orders: 1, revenue: 5 },
    ],
  })
  expect(unit).toBe('hour')
  expect(steps.map(({ orders }) => orders)).toEqual([0, 2, 0, 1])
})

test('a long range is counted by the day, and nothing is lost', () => {
  const from = new Date(2026, 10, 1)
  const series = Array.from({ length: 48 }, (_, index) => ({
    hour: new Date(from.getTime() + index * 3_600_000).toISOString(),
    orders: 1,
    revenue: 0.1,
  }))
  const { unit, steps } = stepsOf({
    from: from.toISOString(),
    to: new Date(2026, 10, 8).toISOString(),
    series,
  })
  expect(unit).toBe('day')
  expect(steps).toHaveLength(7)
  expect(steps.slice(0, 3).map(({ orders, revenue }) => [orders, revenue])).toEqual([
    [24, 2.4],
    [24, 2.4],
    [0, 0],
  ])
})

test('of a range that is longer than the API takes the last year is shown, and it is said', () => {
  const choice = readChoice('', '2020-01-01', '2026-11-25')
  expect(choice).toEqual({ preset: null, from: '2025-11-26', to: '2026-11-25', isShortened: true })
  expect(AnalyticsQuery.safeParse(rangeOf(choice, 0)).success).toBe(true)
  expect(readChoice('', '2025-11-26', '2026-11-25')).not.toHaveProperty('isShortened')
})

describe.each([
  ['Asia/Kolkata', '18:30:00.000Z'],
  ['Asia/Kathmandu', '18:15:00.000Z'],
])('in %s', (zone, midnight) => {
  const before = process.env.TZ
  beforeAll(() => {
    process.env.TZ = zone
  })
  afterAll(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })

  test('hours of the series are put into the day that they are in there', () => {
    const { steps } = stepsOf({
      from: `2026-11-20T${midnight}`,
      to: `2026-11-24T${midnight}`,
      series: [
        {
          hour: new Date(Date.parse(`2026-11-21T${midnight}`) - 3_600_000).toISOString(),
          orders: 1,
          revenue: 1,
        },
        { hour: `2026-11-21T${midnight}`, orders: 2, revenue: 2 },
      ],
    })
    expect(steps.map(({ orders }) => orders)).toEqual([1, 2, 0, 0])
  })

  test('a preset begins where an hour begins there, and so do its steps', () => {
    const { from, to } = rangeOf(readChoice('24h', '', ''), Date.UTC(2026, 10, 23, 12, 40))
    expect(new Date(from).getMinutes()).toBe(0)
    const { steps } = stepsOf({ from, to, series: [{ hour: from, orders: 1, revenue: 1 }] })
    expect(steps.map(({ at }) => at.getMinutes())).toEqual(steps.map(() => 0))
    expect(steps[0]?.orders).toBe(1)
  })
})

// Lord Howe Island sets its clocks forward by half an hour (IANA time zone database); in 2026 on 4 October.
test('where summer time is half an hour no order is lost', () => {
  const before = process.env.TZ
  process.env.TZ = 'Australia/Lord_Howe'
  try {
    const from = new Date(2026, 9, 3, 22)
    const series = Array.from({ length: 12 }, (_, index) => ({
      hour: new Date(from.getTime() + index * 3_600_000).toISOString(),
      orders: 1,
      revenue: 1,
    }))
    const to = new Date(from.getTime() + 12 * 3_600_000).toISOString()
    const { steps } = stepsOf({ from: from.toISOString(), to, series })
    expect(steps.map(({ orders }) => orders)).toEqual(Array(12).fill(1))
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
})
