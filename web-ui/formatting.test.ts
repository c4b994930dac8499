import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

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

test.each([
  ['USD', '$9.99', 2],
  ['JPY', '¥1,200', 0],
  ['KWD', /^KWD\s1\.234$/, 3],
] as const)('the decimals of %s belong to the currency', async (currency, text, decimals) => {
  vi.stubEnv('VITE_STORE_CURRENCY', currency)
  const { formatPrice, priceDecimals } = await inLocale('en-US')
  const price = { USD: 9.99, JPY: 1200, KWD: 1.234 }[currency]
  expect(formatPrice(price)).toMatch(text)
  expect(priceDecimals()).toBe(decimals)
  const { totalOf } = await import('./totalOf.ts')
  expect(totalOf([{ price, quantity: 3 }])).toBe({ USD: 29.97, JPY: 3600, KWD: 3.702 }[currency])
})
