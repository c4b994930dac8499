/**
 * The settings of OTLP. The exporters read them from the environment themselves, and go on without what they do not
 * understand: so it is looked at here first.
 */
import { existsSync } from 'node:fs'
import { type Env, type Fault, number, url } from '../environment.ts'

const signals = ['traces', 'metrics', 'logs'] as const
export type Signal = (typeof signals)[number]

export interface OtlpSettings {
  protocol: 'http/json' | 'http/protobuf'
  /** What is exported so; the address, headers and time-outs are the exporters' own to read. */
  signals: readonly Signal[]
}

const start = 'OTEL_EXPORTER_OTLP_'
const prefixes = [start, ...signals.map((signal) => `${start}${signal.toUpperCase()}_`)]

/** Null where no address is set, or no signal is left to be exported. */
export function readOtlp(env: Env, fault: Fault): OtlpSettings | null {
  const exported = signals.filter((signal) => isExported(env, `OTEL_${signal.toUpperCase()}_EXPORTER`, fault))
  const protocol = readProtocol(env, fault)
  const known = new Set(prefixes.flatMap((prefix) => checkTransport(env, prefix, fault)))
  const unknown = Object.keys(env).find((name) => name.startsWith(start) && env[name] && !known.has(name))
  if (unknown) fault(unknown, `is no setting that the app follows; for example "${start}ENDPOINT"`)
  if (env[`${start}ENDPOINT`]) return exported.length ? { protocol, signals: exported } : null
  const alone = prefixes.map((prefix) => `${prefix}ENDPOINT`).find((name) => env[name])
  if (alone)
    fault(
      `${start}ENDPOINT`,
      `is not set, but ${alone} is; for example "http://localhost:4318", which the signals without an address of their own go to`,
    )
  return null
}

function isExported(env: Env, name: string, fault: Fault): boolean {
  const exporter = env[name]?.trim() || 'otlp'
  if (exporter !== 'otlp' && exporter !== 'none')
    fault(
      name,
      'is neither "otlp" nor "none"; for example "otlp" (to Application Insights goes what APPLICATIONINSIGHTS_CONNECTION_STRING says)',
    )
  return exporter === 'otlp'
}

function readProtocol(env: Env, fault: Fault): OtlpSettings['protocol'] {
  const name = `${start}PROTOCOL`
  const protocol = env[name]?.trim() || 'http/json'
  const isKnown = protocol === 'http/json' || protocol === 'http/protobuf'
  if (!isKnown)
    fault(
      name,
      'is neither "http/json" nor "http/protobuf"; for example "http/protobuf", which the Functions host speaks too',
    )
  for (const prefix of prefixes.slice(1)) {
    const own = env[`${prefix}PROTOCOL`]?.trim()
    if (own && own !== protocol)
      fault(
        `${prefix}PROTOCOL`,
        `is another than ${name}, which all signals are sent by; for example "${protocol}"`,
      )
  }
  return isKnown ? protocol : 'http/json'
}

/** What the specification of the exporter has for all signals, and for each. @returns the names. */
function checkTransport(env: Env, prefix: string, fault: Fault): string[] {
  const name = (of: string) => `${prefix}${of}`
  if (env[name('ENDPOINT')]) url(env, name('ENDPOINT'), 'http://localhost:4318', fault)
  number(env, name('TIMEOUT'), 10_000, { least: 1, most: 600_000 }, fault)
  if (!['', 'none', 'gzip'].includes(env[name('COMPRESSION')]?.trim() ?? ''))
    fault(name('COMPRESSION'), 'is neither "gzip" nor "none"; for example "gzip"')
  // Never quoted: what is in it is most often a key.
  const headers = (env[name('HEADERS')] ?? '').split(',').filter((pair) => pair.trim())
  if (!headers.every((pair) => /^\s*[\w!#$%&'*+.^`|~-]+\s*=/.test(pair)))
    fault(name('HEADERS'), 'is no list of headers; for example "api-key=…,x-tenant=store"')
  const files = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map(name)
  for (const file of files)
    if (env[file] && !existsSync(env[file])) fault(file, 'is no file; for example "/etc/ssl/collector.pem"')
  return [
    ...['ENDPOINT', 'TIMEOUT', 'COMPRESSION', 'HEADERS', 'PROTOCOL'].map(name),
    ...files,
    // Whether what was counted is sent as sums from the start, or as what came since the last time.
    `${start}METRICS_TEMPORALITY_PREFERENCE`,
  ]
}
