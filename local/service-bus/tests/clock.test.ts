import { afterEach, expect, it, vi } from 'vitest'
import { Broker } from '../broker.ts'
import { defaultSettings as settings } from '../engine/description.ts'
import { opaque } from '../engine/distribution.ts'
import { memoryStore } from '../storage/memory.ts'

afterEach(() => void vi.useRealTimers())

it('a message is due when the clock says so, also after the computer has slept', () => {
  vi.useFakeTimers()
  const broker = new Broker({ queues: [{ name: 'orders', settings }], topics: [] }, memoryStore(), opaque)
  const queue = broker.namespace.find('orders')?.queue
  const hour = 3_600_000
  const due = Date.now() + hour
  queue?.send([{ messageId: 'a', encoded: Buffer.from('a'), scheduledFor: due }], broker.now())
  // While a computer sleeps, its clock goes on and its timers stand still.
  vi.setSystemTime(due)
  vi.advanceTimersByTime(60_000)
  expect(queue?.counts()).toMatchObject({ active: 1, scheduled: 0 })
  broker.close()
})
