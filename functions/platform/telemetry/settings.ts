/**
 * Where telemetry goes, and how much of it. The settings have the names of OpenTelemetry and of Application Insights, so
 * that the Functions host, which exports its own spans, follows the same ones.
 */
import { type Bounds, type Env, type Fault, flag, number } from '../environment.ts'
import { type OtlpSettings, readOtlp } from './otlpSettings.ts'

/** Which of the traces that begin here are recorded: all of them, a share of 0 to 1, or so many a second. */
export type Sampling = { share: number } | { perSecond: number }

export interface TelemetrySettings {
  otlp: OtlpSettings | null
  azureMonitor: { connectionString: string; withIdentity: boolean } | null
  sampling: Sampling
  /** Whether a trace that someone else began is recorded as its beginner decided. */
  followsParent: boolean
  /** Milliseconds for which finished spans and log records are gathered before they are sent. */
  sendDelay: number
  /** Milliseconds from one sending of the metrics to the next. */
  metricInterval: number
  /** Whether the pages of the web apps are to tell of themselves. */
  browser: boolean
  /** Whether the Functions host exports a span of its own for each invocation: then ours are inside of it. */
  hostExports: boolean
}

/**
 * The telemetry settings of an environment; null where it names no place to send telemetry to.
 * @param fault is told of each setting that is wrong; the result is then not to be used.
 * @param args the arguments of this process, by which a worker of the real Functions host is known.
 */
export function readTelemetrySettings(
  env: Env,
  fault: Fault,
  args: readonly string[] = process.argv,
): TelemetrySettings | null {
  const otlp = readOtlp(env, fault)
  const azureMonitor = readAzureMonitor(env, fault)
  const sampler = readSampler(env, fault)
  const sendDelay = number(env, 'OTEL_BSP_SCHEDULE_DELAY', 1_000, milliseconds, fault)
  const metricInterval = number(env, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000, milliseconds, fault)
  const browser = flag(env, 'BROWSER_TELEMETRY', fault) ?? true
  checkResource(env, fault)
  if (flag(env, 'OTEL_SDK_DISABLED', fault) || (!otlp && !azureMonitor)) return null
  return {
    otlp,
    azureMonitor,
    ...sampler,
    sendDelay,
    metricInterval,
    browser,
    // How it starts a worker: Azure/azure-functions-host, WorkerProcessArguments.
    hostExports: args.some((arg) => /^--(functions-worker-id|workerId)$/.test(arg)),
  }
}

/**
 * Variables of OpenTelemetry that are set and that the app does not follow: misspelt ones, and those that only the Functions
 * host may know, for which this is no fault.
 */
export const notFollowed = (env: Env): string[] =>
  Object.keys(env).filter((name) => name.startsWith('OTEL_') && env[name] && !followed.test(name))

const followed =
  /^OTEL_(EXPORTER_OTLP_\w+|(TRACES|METRICS|LOGS)_EXPORTER|TRACES_SAMPLER(_ARG)?|SERVICE_NAME|RESOURCE_ATTRIBUTES|SDK_DISABLED|BSP_SCHEDULE_DELAY|METRIC_EXPORT_INTERVAL)$/

/** From one sending to the next. */
const milliseconds: Bounds = { least: 10, most: 3_600_000, whole: true }

function readAzureMonitor(env: Env, fault: Fault): TelemetrySettings['azureMonitor'] {
  const connectionString = env.APPLICATIONINSIGHTS_CONNECTION_STRING
  const authentication = env.APPLICATIONINSIGHTS_AUTHENTICATION_STRING
  const parts = new Map(
    (authentication ?? '').split(';').map((part) => part.split('=', 2) as [string, string | undefined]),
  )
  if (authentication && parts.get('Authorization') !== 'AAD')
    fault(
      'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
      'does not say Authorization=AAD; for example "Authorization=AAD", or "ClientId=…;Authorization=AAD"',
    )
  const clientId = parts.get('ClientId')
  if (clientId && clientId !== env.AZURE_CLIENT_ID)
    fault(
      'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
      'names another identity than AZURE_CLIENT_ID, which the app runs as; for example "Authorization=AAD"',
    )
  if (!connectionString) return null
  if (!/(^|;)InstrumentationKey=[0-9a-f-]{36}(;|$)/i.test(connectionString))
    fault(
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'is no connection string; for example "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://…/"',
    )
  const endpoint = /(?:^|;)IngestionEndpoint=([^;]*)/i.exec(connectionString)?.[1]
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    fault(
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
      'has an IngestionEndpoint that is no address; for example "https://westeurope-5.in.applicationinsights.azure.com/"',
    )
  return {
    connectionString,
    withIdentity: authentication !== undefined && authentication !== '',
  }
}

/** The samplers of OpenTelemetry, and those by which the Functions host knows the ones of Azure Monitor. */
const samplers: Record<
  string,
  { followsParent: boolean; argument: 'none' | 'share' | 'rate'; share?: number }
> = {
  always_on: { followsParent: false, argument: 'none', share: 1 },
  always_off: { followsParent: false, argument: 'none', share: 0 },
  traceidratio: { followsParent: false, argument: 'share' },
  parentbased_always_on: { followsParent: true, argument: 'none', share: 1 },
  parentbased_always_off: { followsParent: true, argument: 'none', share: 0 },
  parentbased_traceidratio: { followsParent: true, argument: 'share' },
  'microsoft.fixed_percentage': { followsParent: true, argument: 'share' },
  'microsoft.rate_limited': { followsParent: true, argument: 'rate' },
}

function readSampler(env: Env, fault: Fault): { sampling: Sampling; followsParent: boolean } {
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on'
  const sampler = samplers[name]
  if (!sampler) {
    fault(
      'OTEL_TRACES_SAMPLER',
      `is none of ${Object.keys(samplers).join(', ')}; for example "parentbased_always_on"`,
    )
    return { sampling: { share: 1 }, followsParent: true }
  }
  const { followsParent, argument, share } = sampler
  const text = env.OTEL_TRACES_SAMPLER_ARG?.trim()
  const value = text ? Number(text) : undefined
  if (argument === 'rate') {
    if (!(value !== undefined && value > 0 && value <= 10_000))
      fault('OTEL_TRACES_SAMPLER_ARG', 'is no number of traces a second; for example "5"')
    return { sampling: { perSecond: value ?? 0 }, followsParent }
  }
  if (argument === 'share') {
    if (value !== undefined && !(value >= 0 && value <= 1))
      fault('OTEL_TRACES_SAMPLER_ARG', 'is no share from 0 to 1; for example "0.25"')
    return { sampling: { share: value ?? 1 }, followsParent }
  }
  if (text)
    fault(
      'OTEL_TRACES_SAMPLER_ARG',
      `is set, but OTEL_TRACES_SAMPLER is ${name}, which takes none; for example OTEL_TRACES_SAMPLER "parentbased_traceidratio"`,
    )
  return { sampling: { share: share ?? 1 }, followsParent }
}

/** Pairs `name=value` parted by commas, as the specification of the resource SDK has them. */
function checkResource(env: Env, fault: Fault): void {
  const pairs = (env.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',').filter((pair) => pair.trim())
  const isRight = (pair: string) => {
    const [, value] = /^\s*[^=\s]+\s*=(.*)$/.exec(pair) ?? []
    return value !== undefined && !/%(?![0-9a-f]{2})/i.test(value)
  }
  if (!pairs.every(isRight))
    fault(
      'OTEL_RESOURCE_ATTRIBUTES',
      'is no list of attributes; for example "service.namespace=store,deployment.environment.name=test"',
    )
}
