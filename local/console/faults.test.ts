import { expect, test, vi } from 'vitest'
import { Faults } from './faults.ts'

function watched() {
  const told: [string, object][] = []
  const faults = new Faults({ disturb: async (part, how) => void told.push([part, how]) })
  return { faults, told }
}

test('faults of one part add up, and what is undone leaves the others', async () => {
  const { faults, told } = watched()
  await faults.set('cut-database', true)
  await faults.set('slow-database', true)
  await faults.set('double-messages', true)
  await faults.set('cut-database', false)
  expect(told).toEqual([
    ['cosmos', { cut: true }],
    ['cosmos', { cut: true, delay: 1000 }],
    ['service-bus', { doubled: true }],
    ['cosmos', { delay: 1000 }],
  ])
  expect(faults.on).toEqual(['slow-database', 'double-messages'])
  await faults.clear()
  expect(told.slice(-2)).toEqual([
    ['cosmos', {}],
    ['service-bus', {}],
  ])
})

test('a fault that was made twice is undone once, and one that cannot be made is not on', async () => {
  const { faults, told } = watched()
  await faults.set('double-messages', true)
  await faults.set('double-messages', true)
  await faults.set('double-messages', false)
  expect(told).toEqual([
    ['service-bus', { doubled: true }],
    ['service-bus', {}],
  ])
  const refused = new Faults({ disturb: () => Promise.reject(new Error('There is no part "cosmos".')) })
  await expect(refused.set('cut-database', true)).rejects.toThrow('no part')
  expect(refused.on).toEqual([])
})

test('faults end with the last page that watches, not with another', async () => {
  const { faults } = watched()
  faults.heard('one', true)
  faults.heard('two', true)
  await faults.set('stop-makeline', true)
  await faults.left('two')
  await faults.left('a stranger')
  expect(faults.on).toEqual(['stop-makeline'])
  await faults.left('one')
  expect(faults.on).toEqual([])
})

test.each([
  ['seen, which speaks each second', true, 1_000, 20_000],
  ['hidden, which speaks once a minute', false, 60_000, 3 * 60_000],
])('faults end when nothing is heard any more of a page that is %s', async (_, isSeen, every, patience) => {
  vi.useFakeTimers()
  try {
    const { faults } = watched()
    await faults.set('stop-makeline', true)
    faults.heard('closed without a word', isSeen)
    for (let n = 0; n < 30; n++) {
      faults.heard('one', isSeen)
      await vi.advanceTimersByTimeAsync(every)
    }
    await vi.advanceTimersByTimeAsync(patience - every - 1)
    expect(faults.on).toEqual(['stop-makeline'])
    await vi.advanceTimersByTimeAsync(1)
    expect(faults.on).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})
