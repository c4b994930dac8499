/** `npm run load -- --orders 10000 --concurrency 50`: a load test of the API that runs locally, or of any other. */
import { parseArgs } from 'node:util'
import { type LoadReport, type Progress, percentile, ratesOf, runLoad } from './loadTest.ts'
import { refuseTakenByNpm } from './npmOptions.ts'

const usage = `npm run load [-- OPTION…]

  --orders N        orders to place (1000)
  --concurrency N   customers at the same time (50)
  --url URL         origin of the API (http://localhost:7071)
`

const options = {
  orders: { type: 'string', default: '1000' },
  concurrency: { type: 'string', default: '50' },
  url: { type: 'string', default: 'http://localhost:7071' },
  help: { type: 'boolean' },
} as const
refuseTakenByNpm('npm run load', Object.keys(options))
const { values } = parseArgs({ options })
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const orders = count('orders')
const concurrency = count('concurrency')
const url = origin()

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

try {
  const report = await runLoad({ url, orders, concurrency, signal: stop.signal, onProgress: progressLine() })
  console.log(`\n${reportText(report)}`)
  process.exitCode = report.lost.length || report.doubled.length || report.refused.size ? 1 : 0
} catch (error) {
  const { message, cause } = error as Error & { cause?: { code?: string } }
  const reason =
    cause?.code === 'ECONNREFUSED' ? 'nothing listens there; "npm start" runs the store' : message
  console.error(`The store at ${url} cannot be tested: ${reason}.`)
  process.exitCode = 1
}

function count(name: 'orders' | 'concurrency'): number {
  const number = Number(values[name])
  if (Number.isInteger(number) && number > 0) return number
  console.error(`--${name} must be a whole number from 1 up, not "${values[name]}".\n\n${usage}`)
  process.exit(1)
}

function origin(): string {
  const given = values.url.replace(/\/+$/, '')
  if (/^https?:\/\/[^/]/i.test(given) && URL.canParse(given)) return given
  const better = `http://${given}`
  const hint =
    URL.canParse(better) && !/^\w+:(\/\/|$)/.test(given)
      ? `: "${better}"?`
      : ', for example http://localhost:7071.'
  console.error(`--url must be an address that begins with http:// or https://, not "${values.url}"${hint}`)
  process.exit(1)
}

/** Draws the progress: over itself on a terminal, and elsewhere a line at every tenth. */
function progressLine() {
  const begin = performance.now()
  let last = -1
  let drawn = 0
  return ({ placed, accepted, made }: Progress) => {
    const done = (placed + made) / (2 * orders)
    const now = performance.now()
    const isEnd = placed === orders && made === accepted
    const rate = accepted / ((now - begin) / 1000)
    const text = `${bar(done)} ${accepted} accepted, ${made} made of ${orders} (${rate.toFixed(0)}/s)`
    if (process.stdout.isTTY) {
      if (now - drawn < 100 && !isEnd) return
      drawn = now
      process.stdout.write(`\r${text}\u001b[K`)
    } else if (Math.floor(done * 10) > last) {
      last = Math.floor(done * 10)
      console.log(text)
    }
  }
}

function bar(part: number): string {
  const width = 30
  const full = Math.round(part * width)
  return `[${'█'.repeat(full)}${'·'.repeat(width - full)}]`
}

function reportText(report: LoadReport): string {
  const { accepted, made, refused, retries, lost, doubled, seconds, latency, times } = report
  // A tenth of a small load.
  const size = Math.min(1_000, Math.max(1, Math.floor(orders / 10)))
  const rates = ratesOf(times, size)
  const perSecond = (number: number, time: number) => (time ? `${(number / time).toFixed(0)}/s` : '–')
  const milliseconds = (values: number[]) =>
    [0.5, 0.9, 0.99, 1].map((part) => `p${part * 100} ${percentile(values, part).toFixed(0)} ms`).join('   ')
  return [
    `accepted   ${accepted} of ${orders} in ${seconds.accepting.toFixed(1)} s, ${perSecond(accepted, seconds.accepting)}`,
    `made       ${made} in ${seconds.making.toFixed(1)} s, ${perSecond(made, seconds.making)}`,
    ...(rates
      ? [`first ${size}   ${rates.first.toFixed(0)}/s`, `last ${size}    ${rates.last.toFixed(0)}/s`]
      : []),
    ...(accepted ? [`answer     ${milliseconds(latency.accepted)}`] : []),
    ...(made ? [`to line    ${milliseconds(latency.made)}`] : []),
    `sent again ${retries}`,
    `refused    ${[...refused.values()].reduce((sum, number) => sum + number, 0)}`,
    ...[...refused].map(([reason, number]) => `             ${number} × ${reason}`),
    `lost       ${lost.length}`,
    ...lost.slice(0, 20).map((id) => `             ${id}`),
    `doubled    ${doubled.length}`,
    ...doubled.slice(0, 20).map((id) => `             ${id}`),
  ].join('\n')
}
