/** Which traces are recorded. */
import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api'
import {
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { Sampling, TelemetrySettings } from './settings.ts'
import { isFromStranger } from './stranger.ts'

/**
 * How many traces a second, and at most at once, an instance records because a caller whom nobody knows asks for it,
 * beyond those that it records anyhow.
 */
const forStrangers = { perSecond: 5, atOnce: 20 }

type Decide = (context: Context, traceId: string) => boolean

const sampler = (name: string, decide: Decide): Sampler => ({
  shouldSample: (
    context: Context,
    traceId: string,
    _name: string,
    _kind: SpanKind,
    _attributes: Attributes,
    _links: Link[],
  ) => ({
    decision: decide(context, traceId) ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  }),
  toString: () => name,
})

/** So many a second, and after a rest up to `atOnce` in one moment. */
function budget(perSecond: number, atOnce: number, now: () => number): () => boolean {
  let left = atOnce
  let last = now()
  return () => {
    const time = now()
    left = Math.min(atOnce, left + ((time - last) / 1000) * perSecond)
    last = time
    if (left < 1) return false
    left--
    return true
  }
}

function ownTraces(sampling: Sampling, now: () => number): Sampler {
  if ('share' in sampling) return new TraceIdRatioBasedSampler(sampling.share)
  const take = budget(sampling.perSecond, Math.max(1, sampling.perSecond), now)
  return sampler(`RateLimited{${sampling.perSecond}}`, take)
}

/**
 * The sampler of the settings. What a trace's beginner decided holds for what comes after, so that a trace is recorded
 * as a whole; but the flag of a stranger's request, who could have everything recorded by it, counts within a budget.
 * @param now a clock in milliseconds that only goes forward.
 */
export function samplerOf(
  { sampling, followsParent }: Pick<TelemetrySettings, 'sampling' | 'followsParent'>,
  now: () => number = () => performance.now(),
): Sampler {
  const own = ownTraces(sampling, now)
  if (!followsParent) return own
  const take = budget(forStrangers.perSecond, forStrangers.atOnce, now)
  const everything = 'share' in sampling && sampling.share === 1
  const askedFor = sampler('AskedFor', (context, traceId) => {
    if (!isFromStranger(context) || everything) return true
    return (
      own.shouldSample(context, traceId, '', 0, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED ||
      take()
    )
  })
  return new ParentBasedSampler({
    root: own,
    remoteParentSampled: askedFor,
    localParentSampled: new AlwaysOnSampler(),
  })
}
