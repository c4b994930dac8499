/**
 * What telemetry costs: `npm run bench -- telemetry [STARTS] [ORDERS]` (default 15 and 1,000). The first answer of the
 * store with telemetry off and on, beside a bare server; and orders a second at concurrency 20, off and on. The receiver
 * is in this process, does nothing but count, and takes its share of the machine.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from '../../functions/build.ts'
import { startLocalCloud } from '../../local/cloud/cloud.ts'
import { freePort } from '../../local/functions-host/fixtures/freePort.ts'
import { root } from '../../local/root.ts'
import { median } from '../harness/median.ts'
import { bareServer, firstAnswer, hostArguments, startServer } from './firstAnswer.ts'
import { round } from './orders.ts'

const sample = JSON.parse(await readFile(join(root, 'local.settings.sample.json'), 'utf8')) as {
  Values: Record<string, string>
}
const off = { OTEL_SDK_DISABLED: 'true' }

export default async function bench([starts = '15', orders = '1000']: string[]): Promise<void> {
  await build()
  const receiver = await startCounter()
  const on = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  try {
    if (Number(starts)) await startTimes(Number(starts), on)
    if (Number(orders)) await throughput(Number(orders), on, receiver)
  } finally {
    receiver.close()
  }
}

/** Receives whatever comes, and counts the spans. */
async function startCounter() {
  let spans = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/v1/traces') spans += Buffer.concat(chunks).toString().split('"spanId"').length - 1
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Spans, and links, which name one too. */
    get spans() {
      return spans
    },
    close: () => server.close().closeAllConnections(),
  }
}

/** In turn, so that a disturbance hits all alike; the first two rounds fill the compile cache. */
async function startTimes(count: number, on: Record<string, string>) {
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
  const bare = median(times.get('bare node:http') ?? [])
  for (const [name, all] of times) {
    const time = median(all)
    console.log(
      `first answer, ${name}: ${time.toFixed(0)} ms (least ${Math.min(...all).toFixed(0)}), ${(time / bare).toFixed(1)} × bare`,
    )
  }
}

/** Off, on, on, off: so that a machine that gets slower, or quicker, is no difference between the two. */
async function throughput(orders: number, on: Record<string, string>, receiver: { spans: number }) {
  const rates = { off: [] as number[], on: [] as number[] }
  const costs = { off: [] as number[], on: [] as number[] }
  for (const which of ['off', 'on', 'on', 'off'] as const) {
    const cloud = await startLocalCloud({ settings: which === 'on' ? on : off })
    try {
      await round(cloud, 200, 20)
      const before = receiver.spans
      const cpu = await processorTime(cloud.pids.host)
      const { accepted, made } = await round(cloud, orders, 20)
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      const spans = which === 'on' ? `, ${receiver.spans - before} spans and links received` : ''
      const perOrder = ((await processorTime(cloud.pids.host)) - cpu) / orders
      rates[which].push(accepted)
      costs[which].push(perOrder)
      console.log(
        `telemetry ${which}: accepted ${Math.round(accepted)}/s, made ${Math.round(made)}/s, ` +
          `the host takes ${perOrder.toFixed(2)} ms of the processor for an order${spans}`,
      )
    } finally {
      await cloud.stop()
    }
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const change = ({ on, off }: typeof rates) => `${((mean(on) / mean(off) - 1) * 100).toFixed(1)} %`
  console.log(`on to off: orders a second ${change(rates)}, processor time of the host ${change(costs)}`)
}

/** Milliseconds that a process has taken of the processor, on Linux; NaN elsewhere. */
async function processorTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Fields 14 and 15, counted after the name, which may have spaces: user and system time, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
