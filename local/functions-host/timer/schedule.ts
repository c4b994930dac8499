/** Timer schedules: NCRONTAB expressions of five or six fields, and time spans. */
import { Cron } from 'croner'
import { HostStartError } from '../errors.ts'
import { isTimeSpan, timeSpan } from '../hostConfig.ts'
import { ncrontabInNumbers } from './ncrontab.ts'

export interface Schedule {
  text: string
  /** The first occurrence after `time`. */
  next(time: Date): Date
  /** Whether the real host would keep the schedule's status in storage: it does not for intervals under a minute. */
  monitored: boolean
  /** True for NCRONTAB, which follows the clock of the time zone. */
  adjustForDst: boolean
}

/**
 * Parses a schedule. Occurrences follow the machine's time zone, or `timeZone`, an IANA name.
 * @throws {HostStartError} when the text is neither NCRONTAB nor a time span.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  if (isTimeSpan(text)) {
    const interval = timeSpan(text)
    if (interval === 0) throw new HostStartError(`Schedule "${text}": a time span must be longer than zero.`)
    return {
      text,
      next: (time) => new Date(time.getTime() + interval),
      monitored: interval >= 60_000,
      adjustForDst: false,
    }
  }
  let cron: Cron
  try {
    cron = new Cron(ncrontabInNumbers(text), {
      mode: '6-part',
      domAndDow: true,
      paused: true,
      ...(timeZone && { timezone: timeZone }),
    })
  } catch (error) {
    throw invalid(text, (error as Error).message)
  }
  const next = (time: Date) => {
    const occurrence = cron.nextRun(time)
    if (!occurrence) throw invalid(text, 'it never occurs')
    return occurrence
  }
  next(new Date())
  return { text, next, monitored: shortestInterval(next) >= 60_000, adjustForDst: true }
}

function invalid(text: string, reason: string) {
  return new HostStartError(
    `Schedule "${text}": ${reason}. Write {second} {minute} {hour} {day} {month} {day of week}, or a time span like "00:05:00".`,
  )
}

function shortestInterval(next: (time: Date) => Date): number {
  let time = next(new Date())
  let shortest = Number.POSITIVE_INFINITY
  for (let count = 0; count < 5; count++) {
    const following = next(time)
    shortest = Math.min(shortest, following.getTime() - time.getTime())
    time = following
  }
  return shortest
}
