/** Names of time zones, and the dates that are written in them. */
import { describe, expect, test } from 'vitest'
import { WINDOWS_TO_IANA_MAP } from 'windows-iana'
import { ianaTimeZone, localIsoTime } from './timeZone.ts'

const summer = new Date('2026-07-01T10:00:00.500Z')

describe('a time zone', () => {
  // Windows' names and their offsets: learn.microsoft.com, "Default time zones" (summer time added where it is kept).
  test.each([
    ['Europe/Berlin', '2026-07-01T12:00:00.5+02:00'],
    ['W. Europe Standard Time', '2026-07-01T12:00:00.5+02:00'],
    ['Eastern Standard Time', '2026-07-01T06:00:00.5-04:00'],
    ['eastern standard time', '2026-07-01T06:00:00.5-04:00'],
    ['India Standard Time', '2026-07-01T15:30:00.5+05:30'],
    ['Newfoundland Standard Time', '2026-07-01T07:30:00.5-02:30'],
    ['Tokyo Standard Time', '2026-07-01T19:00:00.5+09:00'],
    ['UTC', '2026-07-01T10:00:00.5+00:00'],
  ])('%s', async (name, written) => {
    expect(localIsoTime(summer, await ianaTimeZone(name))).toBe(written)
  })

  test('may bear any name that Windows has', async () => {
    const names = [...new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName))]
    expect(names.length).toBeGreaterThan(130)
    for (const name of names) {
      const zone = await ianaTimeZone(name)
      expect(new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone, name).toBeTruthy()
    }
  })

  test('may be left out', async () => {
    expect(await ianaTimeZone(undefined)).toBeUndefined()
    expect(await ianaTimeZone('')).toBeUndefined()
  })

  test.each(['Mars/Olympus', 'Mars Standard Time'])('of name %j is refused by its setting', async (name) => {
    await expect(ianaTimeZone(name)).rejects.toThrow(
      `WEBSITE_TIME_ZONE names no time zone that this host knows: "${name}"`,
    )
  })
})

// .NET (Json.NET's ISO format for local times, as TimerListener of azure-webjobs-sdk-extensions makes them) leaves zeros
// at the end of a fraction out, and writes an offset, never Z.
describe('a time is written', () => {
  test.each([
    ['2026-07-01T10:00:00.000Z', '2026-07-01T10:00:00+00:00'],
    ['2026-07-01T10:00:00.120Z', '2026-07-01T10:00:00.12+00:00'],
    ['2026-07-01T10:00:10.000Z', '2026-07-01T10:00:10+00:00'],
    ['0001-01-01T00:00:00.000Z', '0001-01-01T00:00:00+00:00'],
  ])('%s as %s', (time, written) => {
    expect(localIsoTime(new Date(time), 'UTC')).toBe(written)
  })

  test('without a zone that is older than zones', () => {
    expect(localIsoTime(new Date('0001-01-01T00:00:00Z'), 'America/New_York')).toBe(
      '0001-01-01T00:00:00+00:00',
    )
  })
})
