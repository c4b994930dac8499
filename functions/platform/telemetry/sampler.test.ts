import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { samplerOf } from './sampler.ts'
import { contextOf, strangersContext } from './tracing.ts'

const ids = (n: number) => {
  // The share of a trace follows from its id.
  const random = Math.imul(n + 1, 2_654_435_761) >>> 0
  return `0af7651916cd43dd${random.toString(16).padStart(8, '0')}b7ad6b71`
}

/** How many of a hundred traces are recorded whose first span here has this parent. */
function recorded(sampler: ReturnType<typeof samplerOf>, parent: (traceId: string) => Context) {
  return Array.from({ length: 100 }, (_, n) => ids(n)).filter((traceId) => {
    const { decision } = sampler.shouldSample(parent(traceId), traceId, 'x', 0, {}, [])
    return decision === SamplingDecision.RECORD_AND_SAMPLED
  }).length
}
const root = () => ROOT_CONTEXT
const asked = (flags: string) => (traceId: string) =>
  strangersContext(`00-${traceId}-b7ad6b7169203331-${flags}`) ?? ROOT_CONTEXT
const told = (flags: string) => (traceId: string) =>
  contextOf(`00-${traceId}-b7ad6b7169203331-${flags}`) ?? ROOT_CONTEXT
const share = (share: number) => samplerOf({ sampling: { share }, followsParent: true }, () => 0)

test('all traces are recorded unless someone says otherwise; one that is not wanted is not', () => {
  expect(recorded(share(1), root)).toBe(100)
  expect(recorded(share(1), asked('01'))).toBe(100)
  expect(recorded(share(1), asked('00'))).toBe(0)
})

test('what a trace began with holds for what comes after it', () => {
  expect(recorded(share(0), told('01'))).toBe(100)
  expect(recorded(share(1), told('00'))).toBe(0)
})

test('a stranger who asks for everything to be recorded gets twenty at once, and five more a second', () => {
  let time = 0
  const sampler = samplerOf({ sampling: { share: 0 }, followsParent: true }, () => time)
  expect(recorded(sampler, asked('01'))).toBe(20)
  expect(recorded(sampler, asked('01'))).toBe(0)
  time += 1_000
  expect(recorded(sampler, asked('01'))).toBe(5)
  expect(recorded(sampler, root)).toBe(0)
})

test('a share of traces is a share; the stranger’s twenty come on top', () => {
  expect(recorded(share(0.25), root)).toBeGreaterThan(10)
  expect(recorded(share(0.25), root)).toBeLessThan(40)
  expect(recorded(share(0.25), asked('01'))).toBe(recorded(share(0.25), root) + 20)
})

test('so many a second are that', () => {
  let time = 0
  const sampler = samplerOf({ sampling: { perSecond: 7 }, followsParent: true }, () => time)
  expect(recorded(sampler, root)).toBe(7)
  time += 500
  expect(recorded(sampler, root)).toBe(3)
})
