import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type * as calls from './apiCalls.ts'

type Answer = () => Promise<Response>

const traceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/
/** How the API names the trace of an answer where it takes telemetry (W3C Server Timing); 01: it is recorded. */
const timing = (flags: string) => ({
  'server-timing': `traceparent;desc="00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}"`,
})
const answered = (status: number, headers = {}) => new Response(null, { status, headers })

let clicks: (event: { timeStamp: number }) => void
let telemetry: typeof calls

beforeEach(async () => {
  vi.resetModules()
  vi.stubGlobal('addEventListener', (type: string, listener: typeof clicks) => {
    if (type === 'click') clicks = listener
  })
  telemetry = await import('./apiCalls.ts')
})
afterEach(() => vi.unstubAllGlobals())

/** Calls the API, which answers so; what it was asked with. */
async function call(method: string, answer: Answer, headers = {}, signal?: AbortSignal) {
  const fetch = vi.fn(answer as typeof globalThis.fetch)
  const watched = telemetry.watched(fetch)
  await watched('/api/orders?of=ann', { method, headers, ...(signal && { signal }) }).catch(() => {})
  return new Headers(fetch.mock.calls[0]?.[1]?.headers)
}

const click = (at = performance.now()) => clicks({ timeStamp: at })

describe('a change', () => {
  test('carries a trace, beside the headers that it has anyhow', async () => {
    const headers = await call('POST', async () => answered(201, timing('01')), { 'idempotency-key': 'k' })
    expect(headers.get('traceparent')).toMatch(traceparent)
    expect(headers.get('idempotency-key')).toBe('k')
  })

  test('is a step of the click before it, as are further ones', async () => {
    telemetry.watched(fetch)
    click()
    for (const method of ['POST', 'PUT']) await call(method, async () => answered(200, timing('01')))
    const [first, second] = telemetry.seen.calls
    expect(first?.click).toMatchObject({ traceId: first?.trace?.traceId })
    expect(second?.click).toBe(first?.click)
    expect(first?.click?.spanId).not.toBe(first?.trace?.spanId)
    expect(second?.trace?.spanId).not.toBe(first?.trace?.spanId)
  })

  test('begins a trace of its own where a click is long ago', async () => {
    telemetry.watched(fetch)
    click(performance.now() - 11_000)
    await call('POST', async () => answered(200, timing('01')))
    expect(telemetry.seen.calls).toMatchObject([{ click: undefined, trace: expect.anything() }])
  })

  test('is told of with the ids that it carried', async () => {
    const headers = await call('POST', async () => answered(201, timing('01')))
    const [told] = telemetry.seen.calls
    expect(headers.get('traceparent')).toBe(`00-${told?.trace?.traceId}-${told?.trace?.spanId}-01`)
  })

  test('is not told of where the API did not record its trace', async () => {
    await call('POST', async () => answered(201, timing('00')))
    expect(telemetry.seen.calls).toEqual([])
  })
})

describe('a reading call', () => {
  test('carries no trace and is not told of', async () => {
    const headers = await call('GET', async () => answered(200, timing('01')))
    expect([headers.get('traceparent'), telemetry.seen.calls]).toEqual([null, []])
  })

  test('is told of when it failed', async () => {
    await call('GET', async () => answered(503))
    await call('GET', async () => {
      throw new TypeError('Failed to fetch')
    })
    expect(telemetry.seen.calls).toMatchObject([{ status: 503 }, { status: 0 }])
  })

  test('is not told of when the page gave it up', async () => {
    const abort = () => Promise.reject(new DOMException('', 'AbortError'))
    await call('GET', abort, {}, AbortSignal.abort())
    expect(telemetry.seen.calls).toEqual([])
  })
})

test('calls wait for someone to be told in a bounded number', async () => {
  for (let n = 0; n < 50; n++) await call('GET', async () => answered(500))
  expect(telemetry.seen.calls.length).toBeLessThan(30)
})

test('an answer says that the API takes telemetry; one without that word does not', async () => {
  const taken = vi.fn()
  void telemetry.isTaken.then(taken)
  await call('GET', async () => answered(200))
  expect(taken).not.toHaveBeenCalled()
  await call('GET', async () => answered(200, timing('00')))
  expect(taken).toHaveBeenCalled()
})

test.each([{ doNotTrack: '1' }, { globalPrivacyControl: true }])(
  'nothing is seen of a visitor whose browser says %j',
  async (navigator) => {
    vi.stubGlobal('navigator', navigator)
    const headers = await call('POST', async () => answered(500, timing('01')))
    expect([headers.get('traceparent'), telemetry.seen.calls]).toEqual([null, []])
  },
)
