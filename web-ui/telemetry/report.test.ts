import { BrowserTelemetry } from '@store/contract'
import { afterEach, expect, test, vi } from 'vitest'
import type { ApiCall } from './apiCalls.ts'

const notes = vi.hoisted(() => new Map<string, (metric: object) => void>())
vi.mock('web-vitals', () =>
  Object.fromEntries(
    ['CLS', 'FCP', 'INP', 'LCP', 'TTFB'].map((name) => [
      `on${name}`,
      (note: (metric: object) => void) => notes.set(name, note),
    ]),
  ),
)
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** A page that was loaded, where these calls wait to be told of. @returns what it sends, as the API takes it. */
async function page(calls: ApiCall[], loadEventEnd = 900) {
  vi.resetModules()
  const bodies: string[] = []
  let leave = () => {}
  vi.stubGlobal('location', new URL('https://shop.example/cart'))
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => {
    if (type === 'pagehide') leave = listener
  })
  vi.stubGlobal(
    'Blob',
    class {
      constructor([text = '']: string[]) {
        bodies.push(text)
      }
    },
  )
  vi.stubGlobal('navigator', { sendBeacon: () => true })
  const navigation = {
    name: 'https://shop.example/cart',
    loadEventEnd,
  } as unknown as PerformanceNavigationTiming
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([navigation])
  const { seen } = await import('./apiCalls.ts')
  seen.calls.push(...calls)
  const { startReporting } = await import('./report.ts')
  startReporting('web-store', (path) => path)
  return () => {
    leave()
    return bodies.map((text) => BrowserTelemetry.parse(JSON.parse(text)))
  }
}

const hex = (n: number, length: number) => (n + 1).toString(16).padStart(length, '0')
/** A change that was asked for by a click of its own. */
const change = (n: number): ApiCall => ({
  method: 'POST',
  address: '/api/orders',
  begin: 10,
  end: 20,
  status: 201,
  trace: { traceId: hex(n, 32), spanId: hex(n, 16) },
  click: { traceId: hex(n, 32), spanId: hex(n + 1_000, 16), at: 5 },
})

test('however much waits for the page to be loaded, each report is one that the API takes', async () => {
  const leave = await page(Array.from({ length: 20 }, (_, n) => change(n)))
  const told = leave()
  expect(told.length).toBeGreaterThan(1)
  expect(told.flatMap(({ spans }) => spans.map(({ type }) => type)).sort()).toEqual([
    ...Array(20).fill('call'),
    ...Array(20).fill('click'),
    'load',
  ])
})

test('a measure in the middle of which the laptop slept spoils no report', async () => {
  const leave = await page([{ ...change(1), end: 9e7 }], 8e7)
  const growth = { rating: 'poor', id: 'v6-1800000000000-1234567890123' }
  notes.get('INP')?.({ name: 'INP', value: 7e7, delta: 7e7, ...growth })
  const [told] = leave()
  expect(told?.vitals).toMatchObject([{ name: 'INP', value: 3_600_000, rating: 'poor', page: '/cart' }])
  expect(told?.spans.map(({ duration }) => duration)).toEqual([3_600_000, 3_600_000, 3_600_000])
})
