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

test('faults end when nobody watches any more', async () => {
  vi.useFakeTimers()
  try {
    const { faults } = watched()
    await faults.set('stop-makeline', true)
    for (let minute = 0; minute < 10; minute++) {
      faults.heard()
      await vi.advanceTimersByTimeAsync(60_000)
    }
    expect(faults.on).toEqual(['stop-makeline'])
    await vi.advanceTimersByTimeAsync(3 * 60_000)
    expect(faults.on).toEqual([])
  } finally {
    vi.useRealTimers()
  }
})
