/**
 * What calls an app's functions besides HTTP: its messages, its timers, and a person. The code of a kind is read only for
 * an app that has one.
 */
import { type HostFunction, isTriggeredBy } from './functions.ts'
import type { HostConfig } from './hostConfig.ts'
import type { Invoker } from './invoke.ts'
import type { Logger } from './log.ts'
import type { ServiceBusClients } from './serviceBus/connection.ts'
import type { Receivers } from './serviceBus/receivers.ts'
import type { Settings } from './settings.ts'
import type { RunningTimer, ScheduleStatus } from './timer/timerTrigger.ts'

type Shared = Pick<Invoker, 'invoke'> & { logger: Logger; settings: Settings }

/** Receives for the app's Service Bus triggers; undefined where there are none. */
export async function createReceivers(
  functions: HostFunction[],
  shared: Shared & { clients: ServiceBusClients; config: HostConfig['serviceBus'] },
): Promise<Receivers | undefined> {
  const triggered = functions.filter((fn) => isTriggeredBy(fn, 'serviceBusTrigger'))
  if (triggered.length === 0) return undefined
  const [{ createServiceBusTrigger }, { Receivers }] = await Promise.all([
    import('./serviceBus/serviceBusTrigger.ts'),
    import('./serviceBus/receivers.ts'),
  ])
  return new Receivers(triggered, (fn) => createServiceBusTrigger(fn, shared))
}

/** The app's timers, each to be started. */
export async function createTimers(
  functions: HostFunction[],
  id: string,
  shared: Shared,
): Promise<[HostFunction, { start(): RunningTimer }][]> {
  const timed = functions.filter((fn) => isTriggeredBy(fn, 'timerTrigger'))
  if (timed.length === 0) return []
  const [{ createTimer }, { openTimerStore }, { ianaTimeZone }] = await Promise.all([
    import('./timer/timerTrigger.ts'),
    import('./timer/blobTimerStore.ts'),
    import('./timer/timeZone.ts'),
  ])
  const timeZone = await ianaTimeZone(shared.settings.WEBSITE_TIME_ZONE)
  const store = openTimerStore(shared.settings, id, shared.logger)
  return timed.map((fn) => [fn, createTimer(fn, { ...shared, timeZone, store })])
}

/** When a timer ran last and runs next; no time where it never ran. */
export function scheduleOf(status: ScheduleStatus | undefined) {
  if (!status) return { lastRun: null, nextRun: null }
  const { last, next } = status
  return { lastRun: last.getTime() > 0 ? last.toISOString() : null, nextRun: next.toISOString() }
}

/** `POST /admin/functions/NAME`: a timer gets a timer's input, any other function the text it was given. */
export async function callByHand(
  fn: HostFunction,
  input: string,
  { invoke }: Pick<Shared, 'invoke'>,
): Promise<void> {
  const reason = 'This function was programmatically called via the host APIs.'
  if (isTriggeredBy(fn, 'timerTrigger')) {
    const { parseSchedule } = await import('./timer/schedule.ts')
    const { timerTrigger } = await import('./timer/timerTrigger.ts')
    const schedule = parseSchedule('00:01:00', undefined)
    await invoke(fn, timerTrigger(schedule, undefined, false, reason, undefined))
  } else {
    await invoke(fn, { data: { string: input }, reason })
  }
}
