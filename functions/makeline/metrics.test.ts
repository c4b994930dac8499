/** Who may read the metrics, and what an instance tells of. */
import { afterEach, expect, test, vi } from 'vitest'
import { freshApp } from '../../tests/freshApp.ts'
import { invoke } from '../../tests/invoke.ts'

const waiting = vi.hoisted(() => vi.fn())
vi.mock('./waiting.ts', () => ({ waiting }))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.clearAllMocks()
})

const token = '4f6f1d0c2b3a49d8'
const nobody = { 'x-ms-client-principal': '' }

/** Asks a fresh process with these settings. */
async function ask(env: Record<string, string>, headers: Record<string, string> = {}) {
  freshApp({ METRICS_TOKEN: token, ...env })
  waiting.mockResolvedValue([
    {
      name: 'store.source.up',
      description: 'd',
      unit: '1',
      kind: 'gauge',
      series: [{ attributes: {}, value: 1 }],
    },
  ])
  const { counter } = await import('../platform/telemetry/metrics.ts')
  counter({ name: 'store.things', description: 'd', unit: '{thing}' })()
  const { metrics } = await import('./metrics.functions.ts')
  const answer = await invoke(metrics, 'GET', { headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

test('what was counted is told in the format of Prometheus, and kept by no cache', async () => {
  const { status, headers, text } = await ask({})
  expect(status).toBe(200)
  expect(headers.get('content-type')).toContain('version=0.0.4')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(text).toMatch(/^store_things_total 1$/m)
})

test.each([
  ['store', 0],
  ['simulation', 0],
  ['admin', 1],
  ['makeline', 1],
])('an instance with the role %s alone asks the queues so often: %i', async (ROLES, times) => {
  const { status, text } = await ask({ ROLES }, { authorization: `Bearer ${token}` })
  expect(status).toBe(200)
  expect(waiting).toHaveBeenCalledTimes(times)
  expect(text.includes('store_source_up')).toBe(times > 0)
})

test.each([
  ['the token', {}, { authorization: `Bearer ${token}`, ...nobody }, 200],
  ['the token, however its scheme is written', {}, { authorization: `bearer ${token}`, ...nobody }, 200],
  ['an employee', {}, {}, 200],
  ['another token', {}, { authorization: 'Bearer 4f6f1d0c2b3a49d9', ...nobody }, 401],
  ['a longer token', {}, { authorization: `Bearer ${token}0`, ...nobody }, 401],
  ['a token and more', {}, { authorization: `Bearer ${token} x`, ...nobody }, 401],
  ['a token after something', {}, { authorization: `x Bearer ${token}`, ...nobody }, 401],
  ['nobody', {}, nobody, 401],
  ['a token where none is set', { METRICS_TOKEN: '' }, { authorization: `Bearer ${token}`, ...nobody }, 401],
  ['nothing where no token is set', { METRICS_TOKEN: '' }, { authorization: 'Bearer ', ...nobody }, 401],
  // No sign-in stands in front of a store, so its header is anyone's to write.
  ['an employee by the header, of a store', { ROLES: 'store' }, {}, 401],
  ['the token, of a store', { ROLES: 'store' }, { authorization: `Bearer ${token}` }, 200],
  ['an employee by the header, of a store without sign-in', { ROLES: 'store', AUTH: 'none' }, {}, 200],
])('whoever comes with %s', async (_, env, headers, status) => {
  expect((await ask(env as Record<string, string>, headers as Record<string, string>)).status).toBe(status)
})
