import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventsBetween, eventsOfTick } from './schedule.ts'
import { basketOf } from './virtualCustomer.ts'
import { secondsToMake } from './virtualWorker.ts'

describe('the schedule', () => {
  const minute = 60_000
  const start = Date.parse('2026-11-23T10:00:00Z')

  test('has as many events an hour as the rate says, each minute its part', () => {
    for (const rate of [1, 7, 60, 90, 3_600, 36_000]) {
      const minutes = Array.from({ length: 60 }, (_, n) =>
        eventsBetween(start + n * minute, start + (n + 1) * minute, rate),
      )
      expect(minutes.flat(), String(rate)).toHaveLength(rate)
      for (const { length } of minutes) expect(Math.abs(length - rate / 60)).toBeLessThan(1)
    }
  })

  test('spreads them evenly', () => {
    const times = eventsBetween(start, start + minute, 240).map(({ at }) => at - start)
    expect(times).toEqual([0, 15_000, 30_000, 45_000])
  })

  test('gives each event one number, and each number one event, however time is cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 1_800_000 }), { maxLength: 20 }),
        (rate, cuts) => {
          const times = [0, ...cuts.sort((a, b) => a - b), 1_800_001].map((offset) => start + offset)
          const pieces = times.slice(1).flatMap((to, n) => eventsBetween(times[n] ?? 0, to, rate))
          expect(pieces).toEqual(eventsBetween(start, start + 1_800_001, rate))
          expect(new Set(pieces.map(({ number }) => number)).size).toBe(pieces.length)
        },
      ),
    )
  })

  test('takes a tick that is a little early or late for what it is', () => {
    const events = eventsOfTick(new Date(start), 120)
    expect(events).toHaveLength(2)
    expect(eventsOfTick(new Date(start - 40), 120)).toEqual(events)
    expect(eventsOfTick(new Date(start + 900), 120)).toEqual(events)
  })

  test('is empty where the rate is 0', () => {
    expect(eventsOfTick(new Date(start), 0)).toEqual([])
  })
})

describe('the virtual customer', () => {
  const ids = Array.from({ length: 10 }, (_, n) => n + 1)
  const baskets = Array.from({ length: 5_000 }, (_, n) => basketOf(n, ids))

  test('buys the same when asked again, and others buy something else', () => {
    expect(basketOf(42, ids)).toEqual(basketOf(42, ids))
    expect(new Set(baskets.map((basket) => JSON.stringify(basket))).size).toBeGreaterThan(4_000)
  })

  test('buys one to four different products in small numbers', () => {
    for (const { items } of baskets) {
      expect(items.length).toBeGreaterThanOrEqual(1)
      expect(items.length).toBeLessThanOrEqual(4)
      expect(new Set(items.map(({ productId }) => productId)).size).toBe(items.length)
      for (const { quantity } of items) expect([1, 2, 3, 4]).toContain(quantity)
    }
  })

  test('likes some products better, and none is never bought', () => {
    const sold = ids.map(
      (id) => baskets.filter(({ items }) => items.some((item) => item.productId === id)).length,
    )
    expect(Math.min(...sold)).toBeGreaterThan(0)
    expect(sold[0]).toBeGreaterThan(2 * (sold[9] ?? 0))
  })

  test('is content with a catalogue of one product', () => {
    expect(basketOf(3, [7]).items.map(({ productId }) => productId)).toEqual([7])
  })
})

describe('the virtual worker', () => {
  const order = (quantity: number) => ({
    id: '0193577c-0000-7000-8000-000000000000',
    items: [{ productId: 1, name: 'n', quantity, unitPrice: 1 }],
  })

  test('takes longer for more pieces, yet never more than some minutes', () => {
    expect(secondsToMake(order(5))).toBeGreaterThan(secondsToMake(order(1)))
    expect(secondsToMake(order(999))).toBeLessThan(180)
  })
})
