/** What becomes of a timer whose storage comes and goes; the clock and the storage are the test's. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HostFunction } from '../functions.ts'
import type { Invoker } from '../invoke.ts'
import { createTimer, type ScheduleStatus, type TimerStore } from './timerTrigger.ts'

const minute = 60_000
const start = new Date('2026-03-01T10:00:30Z')
let runs: { IsPastDue: boolean; ScheduleStatus: Record<string, string> }[]
let lines: string[]

beforeEach(() => {
  vi.useFakeTimers({ now: start })
  runs = []
  lines = []
})
afterEach(() => vi.useRealTimers())

const store = (parts: Partial<TimerStore>): TimerStore => ({
  hold: async () => async () => {},
  read: async () => undefined,
  write: async () => {},
  ...parts,
})

function startTimer(trigger: { schedule: string; useMonitor?: boolean }, timerStore: TimerStore) {
  const invoke: Invoker['invoke'] = async (_fn, { data }) => {
    runs.push(JSON.parse(data.json ?? ''))
    return { invocationId: '' }
  }
  return createTimer({ name: 'tick', trigger } as unknown as HostFunction, {
    invoke,
    logger: { write: (_level, _category, message) => void lines.push(message), enabled: () => true },
    settings: {},
    timeZone: 'UTC',
    store: timerStore,
  }).start()
}

test('storage that refuses to keep the status does not end the schedule', async () => {
  const write = async () => {
    throw new Error('503 of storage')
  }
  const timer = startTimer({ schedule: '0 * * * * *' }, store({ write }))
  await vi.advanceTimersByTimeAsync(5 * minute)
  await timer.stop()
  expect(runs).toHaveLength(5)
  expect(lines).toContain('The status of timer tick was not kept: 503 of storage')
})

test('a status that cannot be read is waited for, so that what was missed is made up for', async () => {
  const last = new Date(start.getTime() - 10.5 * minute)
  const missed: ScheduleStatus = { last, next: new Date(last.getTime() + minute), lastUpdated: last }
  const read = vi.fn<TimerStore['read']>().mockResolvedValue(missed)
  read.mockRejectedValueOnce(new Error('503 of storage')).mockRejectedValueOnce(new Error('503 of storage'))
  const timer = startTimer({ schedule: '0 * * * * *' }, store({ read }))
  await vi.advanceTimersByTimeAsync(20_000)
  await timer.stop()
  expect(runs).toMatchObject([{ IsPastDue: true }])
  expect(lines).toEqual(['The status of timer tick cannot be read, which is tried again: 503 of storage'])
})

// As the real host has them: local times with an offset, a fraction only where there is one.
test('the dates that a function gets carry the offset of their zone', async () => {
  const timer = startTimer({ schedule: '0 * * * * *' }, store({}))
  await vi.advanceTimersByTimeAsync(2 * minute)
  await timer.stop()
  expect(runs.map(({ ScheduleStatus }) => ScheduleStatus)).toMatchObject([
    { Last: '0001-01-01T00:00:00+00:00', Next: '2026-03-01T10:01:00+00:00' },
    { Last: '2026-03-01T10:01:00+00:00', Next: '2026-03-01T10:02:00+00:00' },
  ])
})

test('a stop ends the wait for storage', async () => {
  const read = async () => {
    throw new Error('503 of storage')
  }
  const timer = startTimer({ schedule: '0 * * * * *' }, store({ read }))
  await vi.advanceTimersByTimeAsync(5 * minute)
  await timer.stop()
  expect(runs).toEqual([])
})

// The real host switches its monitor off below a minute, whatever the function asks for.
test.each([
  { schedule: '0 * * * * *', useMonitor: undefined, kept: true },
  { schedule: '0 * * * * *', useMonitor: false, kept: false },
  { schedule: '*/30 * * * * *', useMonitor: true, kept: false },
  { schedule: '00:00:30', useMonitor: true, kept: false },
])('a status of $schedule with useMonitor $useMonitor is kept: $kept', async ({ kept, ...given }) => {
  const { schedule, useMonitor } = given
  const write = vi.fn<TimerStore['write']>().mockResolvedValue()
  const trigger = { schedule, ...(useMonitor !== undefined && { useMonitor }) }
  const timer = startTimer(trigger, store({ write }))
  await vi.advanceTimersByTimeAsync(2 * minute)
  await timer.stop()
  expect(runs.length).toBeGreaterThan(0)
  expect(write.mock.calls.length > 0).toBe(kept)
})
