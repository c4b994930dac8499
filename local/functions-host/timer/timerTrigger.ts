/** Runs a function on its schedule: never twice at once, past occurrences once, with its status kept where asked. */
import type { HostFunction } from '../functions.ts'
import { describe, type Invoker, type Trigger } from '../invoke.ts'
import type { Logger } from '../log.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import { parseSchedule, type Schedule } from './schedule.ts'
import { localIsoTime } from './timeZone.ts'

/** What is known of a timer's past and future. */
export interface ScheduleStatus {
  last: Date
  next: Date
  lastUpdated: Date
}

/** Where a timer's status is kept, and what lets only one instance of the app run it. */
export interface TimerStore {
  /** Resolves with a function that gives the timer up, once no other instance holds it; undefined when `signal` aborts. */
  hold(timer: string, signal: AbortSignal): Promise<(() => Promise<void>) | undefined>
  read(timer: string): Promise<ScheduleStatus | undefined>
  write(timer: string, status: ScheduleStatus): Promise<void>
}

export interface RunningTimer {
  /** Undefined until it is read, and while another instance of the app runs the timer. */
  readonly status: ScheduleStatus | undefined
  /** Ends the schedule; an invocation under way goes on. */
  stop(): Promise<void>
}

/** What .NET calls the default date: nothing has happened yet. */
const never = new Date('0001-01-01T00:00:00Z')

/** Longer delays overflow a Node.js timer. */
const longestDelay = 24 * 86_400_000

/** Milliseconds until a status that could not be read is asked for again. */
const readAgainAfter = 2_000

/** A timer trigger, ready to start. @throws {HostStartError} when its schedule is wrong. */
export function createTimer(
  fn: HostFunction,
  {
    invoke,
    logger,
    settings,
    timeZone,
    store,
  }: {
    invoke: Invoker['invoke']
    logger: Logger
    settings: Settings
    /** IANA name; undefined: the machine's. */
    timeZone: string | undefined
    /** Undefined: nothing is kept and nothing is locked. */
    store: TimerStore | undefined
  },
): { start(): RunningTimer } {
  const where = `Function "${fn.name}", schedule`
  const schedule = parseSchedule(
    resolveSettings(String(fn.trigger.schedule ?? ''), settings, where),
    timeZone,
  )
  const monitored = schedule.monitored && fn.trigger.useMonitor !== false
  const category = 'Host.Triggers.Timer'

  let known: ScheduleStatus | undefined

  async function run(signal: AbortSignal) {
    const release = await store?.hold(fn.name, signal)
    try {
      let { status, pastDue } = await firstStatus(signal)
      let startNow = pastDue || fn.trigger.runOnStartup === true
      while (!signal.aborted) {
        known = status
        if (!startNow) await sleepUntil(status.next, signal)
        if (signal.aborted) break
        const started = new Date()
        const reason = startNow && !pastDue ? 'RunOnStartup' : pastDue ? 'IsPastDue' : 'Timer fired'
        await invoke(
          fn,
          timerTrigger(schedule, monitored ? status : undefined, pastDue, reason, timeZone),
        ).catch(() => {})
        // A timer that fired a little early must not be due for the same occurrence again.
        const counted = !startNow && status.next > started ? status.next : started
        status = { last: counted, next: nextOccurrence(counted), lastUpdated: counted }
        startNow = pastDue = false
        if (monitored) await keep(status)
      }
    } finally {
      await release?.()
    }
  }

  /** Writes a status down. Storage that is away costs the record of a run, not the runs to come. */
  async function keep(status: ScheduleStatus) {
    try {
      await store?.write(fn.name, status)
    } catch (error) {
      warn(`was not kept: ${(error as Error).message}`)
    }
  }

  /** The status kept by an earlier run: without it nobody can say what was missed, so storage is waited for. */
  async function readKept(signal: AbortSignal): Promise<ScheduleStatus | undefined> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        return await store?.read(fn.name)
      } catch (error) {
        if (attempt === 0) warn(`cannot be read, which is tried again: ${(error as Error).message}`)
        await sleepUntil(new Date(Date.now() + readAgainAfter), signal)
      }
    }
    return undefined
  }

  function warn(text: string) {
    logger.write('warning', category, `The status of timer ${fn.name} ${text}`)
  }

  /** The status kept from an earlier run, unless the schedule has changed since. */
  async function firstStatus(signal: AbortSignal): Promise<{ status: ScheduleStatus; pastDue: boolean }> {
    const kept = monitored ? await readKept(signal) : undefined
    const now = new Date()
    if (!kept) {
      const status = { last: never, next: schedule.next(now), lastUpdated: never }
      if (monitored) await keep(status)
      return { status, pastDue: false }
    }
    const basis = kept.lastUpdated > never ? kept.lastUpdated : kept.last > never ? kept.last : undefined
    const expected = basis && schedule.next(basis)
    if (expected && expected.getTime() !== kept.next.getTime()) {
      const status = { ...kept, next: expected > now ? expected : schedule.next(now) }
      await keep(status)
      return { status, pastDue: false }
    }
    return { status: kept, pastDue: now > kept.next }
  }

  /** The occurrence after `last` that is still to come: those that an overlong run has missed are skipped. */
  function nextOccurrence(last: Date): Date {
    const next = schedule.next(last)
    const now = new Date()
    return next < now && !schedule.adjustForDst ? schedule.next(now) : next
  }

  return {
    start() {
      const stopping = new AbortController()
      const running = run(stopping.signal).catch((error: unknown) => {
        logger.write('error', category, `The timer of ${fn.name} has stopped: ${describe(error)}`)
      })
      return {
        get status() {
          return known
        },
        async stop() {
          stopping.abort()
          await running
        },
      }
    },
  }
}

/** The input of a timer function, in the real host's PascalCase; the model turns it into camelCase. */
export function timerTrigger(
  schedule: Schedule,
  status: ScheduleStatus | undefined,
  isPastDue: boolean,
  reason: string,
  timeZone: string | undefined,
): Trigger {
  const written = (time: Date) => localIsoTime(time, timeZone)
  return {
    data: {
      json: JSON.stringify({
        Schedule: { AdjustForDST: schedule.adjustForDst },
        ScheduleStatus: status
          ? {
              Last: written(status.last),
              Next: written(status.next),
              LastUpdated: written(status.lastUpdated),
            }
          : null,
        IsPastDue: isPastDue,
      }),
    },
    reason,
  }
}

async function sleepUntil(time: Date, signal: AbortSignal): Promise<void> {
  for (;;) {
    const delay = time.getTime() - Date.now()
    if (delay <= 0 || signal.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(delay, longestDelay))
      signal.addEventListener('abort', wake)
    })
  }
}
