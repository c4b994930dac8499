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

  test('belongs to one minute, of which the end is the start of the next', () => {
    expect(eventsBetween(start, start + minute, 60)).toEqual([{ number: start / minute, at: start }])
    expect(eventsBetween(start + 1, start + minute, 60)).toEqual([])
  })

  test('is empty where the rate is 0', () => {
    expect(eventsOfTick(new Date(start), 0)).toEqual([])
  })
})

describe('the virtual customer', () => {
  const ids = Array.from({ length: 10 }, (_, n) => n + 1)
  const baskets = () => Array.from({ length: 5_000 }, (_, n) => basketOf(n, ids))

  test('buys the same when asked again, and others buy something else', () => {
    expect(basketOf(42, ids)).toEqual(basketOf(42, ids))
    expect(new Set(baskets().map((basket) => JSON.stringify(basket))).size).toBeGreaterThan(4_000)
  })

  test('buys one to four different products in small numbers', () => {
    for (const { items } of baskets()) {
      expect(items.length).toBeGreaterThanOrEqual(1)
      expect(items.length).toBeLessThanOrEqual(4)
      expect(new Set(items.map(({ productId }) => productId)).size).toBe(items.length)
      for (const { quantity } of items) expect([1, 2, 3, 4]).toContain(quantity)
    }
  })

  test('likes some products better, and none is never bought', () => {
    const all = baskets()
    const sold = ids.map(
      (id) => all.filter(({ items }) => items.some((item) => item.productId === id)).length,
    )
    expect(Math.min(...sold)).toBeGreaterThan(0)
    expect(sold[0]).toBeGreaterThan(2 * (sold[9] ?? 0))
  })

  test('buys mostly one product and one piece, and the more the more seldom', () => {
    const share = (numbers: number[]) =>
      [1, 2, 3, 4].map((n) => numbers.filter((number) => number === n).length / numbers.length)
    const all = baskets()
    const lines = share(all.map(({ items }) => items.length))
    const pieces = share(all.flatMap(({ items }) => items.map(({ quantity }) => quantity)))
    for (const [n, wanted] of [0.5, 0.28, 0.15, 0.07].entries()) expect(lines[n]).toBeCloseTo(wanted, 1)
    for (const [n, wanted] of [0.7, 0.2, 0.07, 0.03].entries()) expect(pieces[n]).toBeCloseTo(wanted, 1)
  })

  test('is one of 500 people, who come back', () => {
    const people = new Set(baskets().map(({ customerId }) => customerId))
    for (const id of people) expect(id).toMatch(/^customer-\d{3}$/)
    expect(people.has('customer-000')).toBe(false)
    expect(people.size).toBeGreaterThan(490)
    expect([...people].sort().at(-1)).toBe('customer-500')
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

  test('takes a start of 15 s, 5 s for each of up to 20 pieces, and less than 30 s that differ by order', () => {
    const differing = secondsToMake(order(1)) - 20
    expect(differing).toBeGreaterThanOrEqual(0)
    expect(differing).toBeLessThan(30)
    expect(secondsToMake(order(7)) - secondsToMake(order(1))).toBe(30)
    expect(secondsToMake(order(21))).toBe(secondsToMake(order(20)))
    expect(secondsToMake(order(20)) - secondsToMake(order(19))).toBe(5)
    const { items } = order(1)
    expect(secondsToMake({ id: 'o', items: [...items, ...items] })).toBe(
      secondsToMake({ ...order(2), id: 'o' }),
    )
    const times = Array.from({ length: 200 }, (_, n) => secondsToMake({ id: `order-${n}`, items }) - 20)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...times)).toBeLessThan(30)
    expect(new Set(times).size).toBeGreaterThan(20)
  })
})
