import { describe, expect, test } from 'vitest'
import { notFollowed, readTelemetrySettings } from './settings.ts'

const here = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }
const insights = 'InstrumentationKey=00000000-0000-4000-8000-000000000000'

/** What an environment makes of the settings, with the names of those that are told of as wrong. */
function read(env: Record<string, string>, args: string[] = []) {
  const faults: string[] = []
  const settings = readTelemetrySettings(env, (name) => faults.push(name), args)
  return { settings, faults }
}

test('where nothing is said of where it goes there is no telemetry; an address is enough for all of it', () => {
  expect(read({})).toEqual({ settings: null, faults: [] })
  expect(read(here)).toEqual({
    settings: {
      otlp: { protocol: 'http/json', signals: ['traces', 'metrics', 'logs'] },
      azureMonitor: null,
      sampling: { share: 1 },
      followsParent: true,
      sendDelay: 1_000,
      metricInterval: 60_000,
      browser: true,
      hostExports: false,
    },
    faults: [],
  })
})

test('the whole of it can be switched off, and that of the pages alone', () => {
  expect(read({ ...here, OTEL_SDK_DISABLED: 'true' })).toEqual({ settings: null, faults: [] })
  expect(read({ ...here, BROWSER_TELEMETRY: 'false' }).settings?.browser).toBe(false)
})

test('how long is gathered, and how often is counted, goes by the settings', () => {
  const { settings } = read({
    ...here,
    OTEL_BSP_SCHEDULE_DELAY: '10',
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  })
  expect(settings).toMatchObject({ sendDelay: 10, metricInterval: 3_600_000 })
  for (const wrong of ['9', '3600001', '10.5'])
    expect(read({ ...here, OTEL_BSP_SCHEDULE_DELAY: wrong }).faults).toEqual(['OTEL_BSP_SCHEDULE_DELAY'])
})

// Azure/azure-functions-host, WorkerProcessArguments.
test.each([
  [['node', 'worker', '--functions-worker-id', '1', '--x'], true],
  [['node', '--workerId', '1'], true],
  [['node', '--functions-worker-id-of', 'x--workerId'], false],
])('of a process with the arguments %j the host exports: %j', (args, hostExports) => {
  expect(read(here, args).settings?.hostExports).toBe(hostExports)
})

describe('OTLP', () => {
  const otlp = (env: Record<string, string>) => {
    const { settings, faults } = read({ ...here, ...env })
    return { ...settings?.otlp, faults }
  }

  test('goes by the protocol that is set, for all signals the same', () => {
    const protobuf = { OTEL_EXPORTER_OTLP_PROTOCOL: ' http/protobuf ' }
    expect(otlp(protobuf)).toMatchObject({ protocol: 'http/protobuf', faults: [] })
    const same = { ...protobuf, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ' http/protobuf ' }
    expect(otlp(same)).toMatchObject({ protocol: 'http/protobuf', faults: [] })
    expect(otlp({ ...protobuf, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' }).faults).toEqual([
      'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
    ])
  })

  // Specification of the OTLP exporter: each setting for all signals, and for each of them.
  test.each(['', 'TRACES_', 'METRICS_', 'LOGS_'])('has the settings of OTEL_EXPORTER_OTLP_%s', (signal) => {
    const name = (of: string) => `OTEL_EXPORTER_OTLP_${signal}${of}`
    const right = {
      ENDPOINT: 'http://collector:4318',
      TIMEOUT: '600000',
      COMPRESSION: ' gzip ',
      HEADERS: 'api-key=a=b, x-tenant = store,',
      CERTIFICATE: import.meta.filename,
      CLIENT_CERTIFICATE: import.meta.filename,
      CLIENT_KEY: import.meta.filename,
    }
    const named = Object.fromEntries(Object.entries(right).map(([of, value]) => [name(of), value]))
    const temporality = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' }
    expect(otlp({ ...named, ...temporality }).faults).toEqual([])
    for (const [of, value] of Object.entries({
      ENDPOINT: 'collector',
      TIMEOUT: '0',
      COMPRESSION: 'zip',
      HEADERS: 'api-key=a,secret',
      CERTIFICATE: '/nowhere',
      CLIENT_CERTIFICATE: '/nowhere',
      CLIENT_KEY: '/nowhere',
      COMPRESION: 'gzip',
    }))
      expect(otlp({ ...named, [name(of)]: value }).faults, of).toEqual([name(of)])
    expect(otlp({ [name('COMPRESSION')]: 'none', [name('TIMEOUT')]: '600001' }).faults).toEqual([
      name('TIMEOUT'),
    ])
  })

  test.each(['secret', 'two words=1', '=x', 'a b', 'ä=1'])('has no header %j', (header) => {
    expect(otlp({ OTEL_EXPORTER_OTLP_HEADERS: header }).faults).toEqual(['OTEL_EXPORTER_OTLP_HEADERS'])
  })

  test('that only one signal has an address for is told of, and so is a name that nobody follows', () => {
    expect(read({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://localhost:4318/v1/logs' })).toEqual({
      settings: null,
      faults: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
    })
    expect(otlp({ OTEL_EXPORTER_OTLP_INSECURE: '' }).faults).toEqual([])
    expect(otlp({ OTEL_EXPORTER_OTLP_INSECURE: 'true' }).faults).toEqual(['OTEL_EXPORTER_OTLP_INSECURE'])
  })
})

describe('Application Insights', () => {
  const monitor = (connectionString: string, more: Record<string, string> = {}) => {
    const { settings, faults } = read({ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, ...more })
    return { ...settings?.azureMonitor, faults }
  }

  test.each([
    insights,
    `${insights};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;ApplicationId=x`,
    `IngestionEndpoint=http://localhost:1;instrumentationkey=${insights.slice(19)}`,
  ])('is reached by %s', (connectionString) => {
    expect(monitor(connectionString)).toEqual({ connectionString, withIdentity: false, faults: [] })
  })

  test.each([
    `x${insights}`,
    `${insights}0`,
    insights.slice(0, -1),
    `${insights.slice(0, -1)}x`,
    `${insights};IngestionEndpoint=westeurope`,
    `${insights};IngestionEndpoint=`,
    `${insights};IngestionEndpoint=ftp://x`,
    `IngestionEndpoint=xhttp://x;${insights}`,
  ])('is not reached by %s', (connectionString) => {
    expect(monitor(connectionString).faults).toEqual(['APPLICATIONINSIGHTS_CONNECTION_STRING'])
  })

  test('takes the identity that the app runs as, and no other', () => {
    const name = 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
    const as = (authentication: string, id = 'me') =>
      monitor(insights, { [name]: authentication, AZURE_CLIENT_ID: id })
    expect(as('Authorization=AAD')).toMatchObject({ withIdentity: true, faults: [] })
    expect(as('ClientId=me;Authorization=AAD')).toMatchObject({ withIdentity: true, faults: [] })
    expect(as('')).toMatchObject({ withIdentity: false, faults: [] })
    expect(as('ClientId=other;Authorization=AAD').faults).toEqual([name])
    for (const wrong of ['ClientId=me', 'Authorization=Key', 'AAD']) expect(as(wrong).faults).toEqual([name])
  })
})

// Specification of the SDK's environment variables; the last two are Azure Monitor's.
test.each<[string, string | undefined, object]>([
  ['always_on', undefined, { sampling: { share: 1 }, followsParent: false }],
  ['always_off', undefined, { sampling: { share: 0 }, followsParent: false }],
  ['traceidratio', '0.25', { sampling: { share: 0.25 }, followsParent: false }],
  ['parentbased_always_on', undefined, { sampling: { share: 1 }, followsParent: true }],
  ['parentbased_always_off', ' ', { sampling: { share: 0 }, followsParent: true }],
  ['parentbased_traceidratio', undefined, { sampling: { share: 1 }, followsParent: true }],
  ['parentbased_traceidratio', '0', { sampling: { share: 0 }, followsParent: true }],
  ['microsoft.fixed_percentage', ' 1 ', { sampling: { share: 1 }, followsParent: true }],
  ['microsoft.rate_limited', '5', { sampling: { perSecond: 5 }, followsParent: true }],
  ['microsoft.rate_limited', '10000', { sampling: { perSecond: 10_000 }, followsParent: true }],
])('the sampler %s with %j', (sampler, argument, expected) => {
  const env = {
    ...here,
    OTEL_TRACES_SAMPLER: sampler,
    ...(argument && { OTEL_TRACES_SAMPLER_ARG: argument }),
  }
  expect(read(env)).toMatchObject({ settings: expected, faults: [] })
})

test.each([
  ['sometimes', '', 'OTEL_TRACES_SAMPLER'],
  ['traceidratio', '1.1', 'OTEL_TRACES_SAMPLER_ARG'],
  ['traceidratio', '-0.1', 'OTEL_TRACES_SAMPLER_ARG'],
  ['traceidratio', 'x', 'OTEL_TRACES_SAMPLER_ARG'],
  ['microsoft.rate_limited', '0', 'OTEL_TRACES_SAMPLER_ARG'],
  ['microsoft.rate_limited', '10001', 'OTEL_TRACES_SAMPLER_ARG'],
  ['microsoft.rate_limited', '', 'OTEL_TRACES_SAMPLER_ARG'],
  ['always_on', '1', 'OTEL_TRACES_SAMPLER_ARG'],
])('the sampler %s with %j is told of', (sampler, argument, fault) => {
  const env = { ...here, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument }
  expect(read(env).faults).toEqual([fault])
})

test.each(['a', '=b', 'a=1,b', 'a b=1', 'a=100%', 'a=%2'])('the attributes %j are told of', (list) => {
  expect(read({ ...here, OTEL_RESOURCE_ATTRIBUTES: list }).faults).toEqual(['OTEL_RESOURCE_ATTRIBUTES'])
})

test.each(['', ' , ', 'a=', 'a=1,b=x=y', ' a = %2c ,', 'service.namespace=store'])(
  'the attributes %j are taken',
  (list) => expect(read({ ...here, OTEL_RESOURCE_ATTRIBUTES: list }).faults).toEqual([]),
)

test('what the app does not follow is known: misspelt names, and those of the host alone', () => {
  const env = {
    OTEL_EXPORTER_OLTP_ENDPOINT: 'http://localhost:4318',
    OTEL_TRACE_SAMPLER: 'always_off',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_PROPAGATORS: '',
  }
  const known = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_TRACES_SAMPLER_ARG: '1',
    OTEL_SERVICE_NAME: 'store',
    OTHER: '1',
  }
  expect(notFollowed({ ...env, ...known })).toEqual([
    'OTEL_EXPORTER_OLTP_ENDPOINT',
    'OTEL_TRACE_SAMPLER',
    'OTEL_BSP_MAX_QUEUE_SIZE',
  ])
})
