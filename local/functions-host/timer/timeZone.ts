/** Time zones of `WEBSITE_TIME_ZONE`: by their IANA name, or as Windows plans have them. */
import { HostStartError } from '../errors.ts'

/**
 * The IANA name of a time zone that is called `name` there or, in any case, in Windows; undefined for none, which is the
 * machine's.
 * @throws {HostStartError} when there is no such zone.
 */
export async function ianaTimeZone(name: string | undefined): Promise<string | undefined> {
  if (!name) return undefined
  if (isTimeZone(name)) return name
  const { WINDOWS_TO_IANA_MAP } = await import('windows-iana')
  const zone = WINDOWS_TO_IANA_MAP.find(
    // 001 is the world: where a territory has a zone of its own, Windows does not tell.
    ({ windowsName, territory }) =>
      territory === '001' && windowsName.toLowerCase() === name.trim().toLowerCase(),
  )?.iana[0]
  if (zone) return zone
  throw new HostStartError(
    `WEBSITE_TIME_ZONE names no time zone that this host knows: "${name}". Write it like "Europe/Berlin", or as Windows does: "W. Europe Standard Time".`,
  )
}

/** ISO 8601 as .NET writes a local time: with the zone's offset, and without zeros at the end of a fraction. */
export function localIsoTime(time: Date, timeZone: string | undefined): string {
  const minutes = offsetMinutes(time, timeZone)
  const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1)
  const sign = minutes < 0 ? '-' : '+'
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `${local.replace(/\.(\d*?)0+$/, (_, rest: string) => (rest ? `.${rest}` : ''))}${sign}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** Minutes that a zone is ahead of UTC; none in the times that .NET calls the default, before zones were thought of. */
function offsetMinutes(time: Date, timeZone: string | undefined): number {
  if (time.getTime() < 0) return 0
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(time)
    .find(({ type }) => type === 'timeZoneName')?.value
  const [, sign, hours, minutes] = /GMT([+-])(\d+):(\d+)/.exec(name ?? '') ?? []
  if (!hours) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
