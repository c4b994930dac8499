import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => vi.unstubAllGlobals())

/** The functions as a browser of that language has them. */
async function inLocale(locale: string) {
  class NumberFormat extends Intl.NumberFormat {
    constructor(_: undefined, options: Intl.NumberFormatOptions) {
      super(locale, options)
    }
  }
  class DateTimeFormat extends Intl.DateTimeFormat {
    constructor(_: undefined, options: Intl.DateTimeFormatOptions) {
      super(locale, options)
    }
  }
  vi.stubGlobal('Intl', { NumberFormat, DateTimeFormat })
  vi.resetModules()
  return import('./formatting.ts')
}

/** Which kind of space a language puts where is its own business. */
const plain = (text: string) => text.replace(/\s/g, ' ')

test.each([
  ['en-US', '$1,234.50', 'Nov 23, 2026, 2:05 PM', '2:05:09 PM'],
  ['de-DE', '1.234,50 $', '23.11.2026, 14:05', '14:05:09'],
  ['ja-JP', '$1,234.50', '2026/11/23 14:05', '14:05:09'],
])('prices and times are written as %s writes them', async (locale, price, dateTime, time) => {
  const { formatPrice, formatDateTime, formatTime } = await inLocale(locale)
  const at = new Date(2026, 10, 23, 14, 5, 9)
  expect(plain(formatPrice(1234.5))).toBe(price)
  expect(plain(formatDateTime(at.toISOString()))).toBe(dateTime)
  expect(plain(formatTime(at.toISOString(), new Date(2026, 10, 23, 23, 59)))).toBe(time)
})

test('a time of another day comes with its date', async () => {
  const { formatTime } = await inLocale('de-DE')
  const at = new Date(2026, 10, 23, 23, 59, 59).toISOString()
  expect(plain(formatTime(at, new Date(2026, 10, 24, 0, 0, 1)))).toBe('23.11.2026, 23:59')
})
