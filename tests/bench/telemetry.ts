/**
 * What telemetry costs: `npm run bench -- telemetry [STARTS] [ORDERS] [ROUNDS]` (default 15, 1,000 and 7). The first
 * answer of the store with telemetry off and on, beside a bare server; and orders a second at concurrency 20, off and on
 * in turn. Of the spans that the orders made, none may be missing at the receiver.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { build } from '../../functions/build.ts'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import { freePort } from '../../local/functions-host/fixtures/freePort.ts'
import { root } from '../../local/root.ts'
import { median } from '../harness/median.ts'
import { bareServer, firstAnswer, hostArguments, startServer } from './firstAnswer.ts'
import { round } from './orders.ts'
import { processorTime, residentMemory } from './processUse.ts'
import { startSpanCounter } from './spanCounter.ts'

const sample = JSON.parse(await readFile(join(root, 'local.settings.sample.json'), 'utf8')) as {
  Values: Record<string, string>
}
const off = { OTEL_SDK_DISABLED: 'true' }

export default async function bench([starts = '15', orders = '1000', rounds = '7']: string[]): Promise<void> {
  await build()
  if (Number(starts)) await startTimes(Number(starts))
  if (Number(rounds)) await throughput(Number(orders), Number(rounds))
}

/** In turn, so that a disturbance hits all alike; the first two rounds fill the compile cache. */
async function startTimes(count: number) {
  const counter = await startSpanCounter()
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: counter.url }
  const port = await freePort()
  const store = {
    ...sample.Values,
    ROLES: 'store',
    AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
  }
  const variants: Record<string, { args: string[]; settings: Record<string, string>; path: string }> = {
    'bare node:http': { args: bareServer(port), settings: {}, path: '/' },
    // An answer that is traced, and needs no other server.
    'telemetry off': {
      args: hostArguments(root, port),
      settings: { ...store, ...off },
      path: '/api/openapi.json',
    },
    'telemetry on': {
      args: hostArguments(root, port),
      settings: { ...store, ...on },
      path: '/api/openapi.json',
    },
  }
  const times = new Map(Object.keys(variants).map((name) => [name, [] as number[]]))
  for (let at = -2; at < count; at++) {
    for (const [name, { args, settings, path }] of Object.entries(variants)) {
      const began = performance.now()
      const child = startServer(args, settings)
      await firstAnswer(port, path)
      if (at >= 0) times.get(name)?.push(performance.now() - began)
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
  counter.close()
  const bare = median(times.get('bare node:http') ?? [])
  for (const [name, all] of times) {
    const time = median(all)
    console.log(
      `first answer, ${name}: ${time.toFixed(0)} ms (least ${Math.min(...all).toFixed(0)}), ${(time / bare).toFixed(1)} × bare`,
    )
  }
}

/** The spans that each order makes exactly once. */
const ofAnOrder = [
  'POST /api/orders',
  'create_item orders',
  'send orders',
  'process orders',
  'order pending',
  'patch_item orders',
]

/** Both hosts run all the time, and are warm; their rounds take turns, and what counts is the median of them. */
async function throughput(orders: number, rounds: number) {
  const counter = await startSpanCounter()
  const clouds: LocalCloud[] = []
  const start = async (settings: Record<string, string>) => {
    const cloud = await startLocalCloud({ settings })
    clouds.push(cloud)
    for (let time = 0; time < 2; time++) await round(cloud, orders, 20)
    return {
      cloud,
      rates: [] as number[],
      costs: [] as number[],
      memory: [await residentMemory(cloud.pids.host)],
    }
  }
  try {
    const sides = { off: await start(off), on: await start({ OTEL_EXPORTER_OTLP_ENDPOINT: counter.url }) }
    for (let time = 0; time < rounds; time++) {
      for (const side of time % 2 ? [sides.on, sides.off] : [sides.off, sides.on]) {
        const { host } = side.cloud.pids
        const before = await processorTime(host)
        const { accepted } = await round(side.cloud, orders, 20)
        // What was gathered is sent within a second, and belongs to these orders.
        await wait(1_500)
        side.rates.push(accepted)
        side.costs.push(((await processorTime(host)) - before) / orders)
        side.memory.push(await residentMemory(host))
      }
    }
    for (const [which, { rates, costs, memory }] of Object.entries(sides)) {
      const megabytes = memory.map((value) => value.toFixed(0))
      console.log(
        `telemetry ${which}: ${median(rates).toFixed(0)} orders/s (${range(rates, 0)}), ` +
          `${median(costs).toFixed(2)} ms of the host's processor for an order (${range(costs, 2)}), memory ${megabytes.join(', ')} MB`,
      )
    }
    const times = (values: number[]) => ((median(values) - 1) * 100).toFixed(1)
    const ratios = (of: 'rates' | 'costs') =>
      sides.on[of].map((value, at) => value / (sides.off[of][at] ?? Number.NaN))
    console.log(
      `on to off, median of ${rounds} pairs: orders a second ${times(ratios('rates'))} %, processor time of the host ${times(ratios('costs'))} %`,
    )
    const counts = await counter.count()
    const placed = orders * (rounds + 2)
    console.log(
      `spans received of ${placed} orders: ${ofAnOrder.map((name) => `${name} ${counts[name] ?? 0}`).join(', ')}`,
    )
  } finally {
    await Promise.all(clouds.map((cloud) => cloud.stop()))
    counter.close()
  }
}

const range = (values: number[], digits: number) =>
  `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`
