import { expect, it } from 'vitest'
import { Throughput } from './throughput.ts'

it('is spent by the second, and no slower when the clock is set back', () => {
  const hour = 3_600_000
  const throughput = new Throughput(400, hour)
  throughput.spend(500)
  expect(() => throughput.check(hour)).toThrow(expect.objectContaining({ status: 429 }))
  expect(() => throughput.check(0)).toThrow(expect.objectContaining({ status: 429 }))
  throughput.check(1000)
})
