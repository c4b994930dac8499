import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'

const right = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}
const jwt = {
  AUTH: 'jwt',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'api://store',
  AUTH_JWKS_URI: 'https://issuer.example/keys',
}

test('every role by default, and the names of the local settings', () => {
  expect([...readConfig(right).roles]).toEqual(['store', 'admin', 'makeline', 'simulation'])
  expect(readConfig({ ...right, ROLES: 'store, admin' }).roles).toEqual(new Set(['store', 'admin']))
})

test('an address is taken where there is no connection string, as with a managed identity', () => {
  const { CosmosConnection: _, ...rest } = right
  const config = readConfig({ ...rest, CosmosConnection__accountEndpoint: 'https://x.documents.azure.com/' })
  expect(config.cosmos).toEqual({ address: 'https://x.documents.azure.com/', database: 'store' })
})

test.each([
  [{ AUTH: 'maybe' }, 'AUTH'],
  [{ AUTH: undefined }, 'AUTH'],
  [{ ROLES: 'store,cashier' }, 'ROLES'],
  [{ CosmosConnection: undefined }, 'CosmosConnection'],
  [{ CosmosConnection: 'nonsense' }, 'CosmosConnection'],
  [{ CosmosConnection: 'AccountEndpoint=http://localhost:8081/' }, 'CosmosConnection'],
  [{ CosmosConnection__accountEndpoint: 'nonsense' }, 'CosmosConnection'],
  [{ ServiceBusConnection: '' }, 'ServiceBusConnection'],
  [{ ServiceBusConnection: 'nonsense' }, 'ServiceBusConnection'],
  [{ ServiceBusConnection: 'Endpoint=sb://localhost' }, 'ServiceBusConnection'],
  [
    { ServiceBusConnection__fullyQualifiedNamespace: 'sb://x.servicebus.windows.net' },
    'ServiceBusConnection',
  ],
  [{ ImagesConnection: 'nonsense' }, 'ImagesConnection'],
  [{ ImagesConnection__blobServiceUri: 'nonsense' }, 'ImagesConnection'],
  [{ AzureWebJobsStorage: undefined, AzureWebJobsStorage__accountName: 'No Name' }, 'ImagesConnection'],
  [{ TRUSTED_ORIGINS: 'shop.example' }, 'TRUSTED_ORIGINS'],
  [{ TRUSTED_ORIGINS: 'https://shop.example/' }, 'TRUSTED_ORIGINS'],
  [{ ORDERS_PER_MINUTE_PER_CALLER: '-1' }, 'ORDERS_PER_MINUTE_PER_CALLER'],
  [{ ORDERS_PER_MINUTE: 'many' }, 'ORDERS_PER_MINUTE'],
  [{ ORDER_RETENTION_DAYS: '1.5' }, 'ORDER_RETENTION_DAYS'],
  [{ ORDER_RETENTION_DAYS: '20001' }, 'ORDER_RETENTION_DAYS'],
  [{ STORE_ID: 'second' }, 'STORE_ID'],
  [{ STORE_CURRENCY: 'dollars' }, 'STORE_CURRENCY'],
  [{ STORE_CURRENCY: 'usd' }, 'STORE_CURRENCY'],
  [{ OrdersQueue: '/orders' }, 'OrdersQueue'],
  [{ ADMIN_GROUPS: 'employees' }, 'ADMIN_GROUPS'],
  [{ REPUBLISH_SCHEDULE: 'every now and then' }, 'REPUBLISH_SCHEDULE'],
  [{ REPUBLISH_SCHEDULE: '*/30 * * * *' }, 'REPUBLISH_SCHEDULE'],
  [{ AzureWebJobsStorage: undefined }, 'ImagesConnection'],
  [{ ...jwt, AUTH_ISSUER: undefined }, 'AUTH_ISSUER'],
  [{ ...jwt, AUTH_AUDIENCE: '' }, 'AUTH_AUDIENCE'],
  [{ ...jwt, AUTH_JWKS_URI: undefined }, 'AUTH_JWKS_URI'],
  [{ ...jwt, AUTH_JWKS_URI: 'file:///etc/keys' }, 'AUTH_JWKS_URI'],
  [{ ORDERS_PER_HOUR: 'many' }, 'ORDERS_PER_HOUR'],
  [{ ORDERS_PER_HOUR: '-5' }, 'ORDERS_PER_HOUR'],
  [{ VIRTUAL_WORKER_ORDERS_PER_HOUR: '36001' }, 'VIRTUAL_WORKER_ORDERS_PER_HOUR'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/v1/traces' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' }, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'collector' }, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT'],
  [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT'],
  [{ OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzipp' }, 'OTEL_EXPORTER_OTLP_METRICS_COMPRESSION'],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'api-key secret' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/collector.pem' }, 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
  [{ OTEL_EXPORTER_OTLP_ENDPIONT: 'http://localhost:4318' }, 'OTEL_EXPORTER_OTLP_ENDPIONT'],
  [{ OTEL_TRACES_EXPORTER: 'otpl' }, 'OTEL_TRACES_EXPORTER'],
  [{ OTEL_METRICS_EXPORTER: 'prometheus' }, 'OTEL_METRICS_EXPORTER'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.namespace:store' }, 'OTEL_RESOURCE_ATTRIBUTES'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=100%' }, 'OTEL_RESOURCE_ATTRIBUTES'],
  [
    {
      APPLICATIONINSIGHTS_CONNECTION_STRING:
        'InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=westeurope',
    },
    'APPLICATIONINSIGHTS_CONNECTION_STRING',
  ],
  [{ APPLICATIONINSIGHTS_CONNECTION_STRING: 'nonsense' }, 'APPLICATIONINSIGHTS_CONNECTION_STRING'],
  [{ APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=x' }, 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'],
  [
    { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=x;Authorization=AAD', AZURE_CLIENT_ID: 'y' },
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  ],
  [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER'],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '25' }, 'OTEL_TRACES_SAMPLER_ARG'],
  [{ OTEL_TRACES_SAMPLER: 'microsoft.rate_limited' }, 'OTEL_TRACES_SAMPLER_ARG'],
  // Alone it would change nothing, and who set it would wait for a tenth.
  [{ OTEL_TRACES_SAMPLER_ARG: '0.1' }, 'OTEL_TRACES_SAMPLER_ARG'],
  [{ BROWSER_TELEMETRY: 'off' }, 'BROWSER_TELEMETRY'],
  [{ OTEL_BSP_SCHEDULE_DELAY: '0' }, 'OTEL_BSP_SCHEDULE_DELAY'],
  [{ OTEL_METRIC_EXPORT_INTERVAL: 'often' }, 'OTEL_METRIC_EXPORT_INTERVAL'],
  [{ OTEL_SDK_DISABLED: 'maybe' }, 'OTEL_SDK_DISABLED'],
  [{ METRICS_TOKEN: 'short' }, 'METRICS_TOKEN'],
])('%j is refused, naming %s and showing a right value', (wrong, name) => {
  expect(() => readConfig({ ...right, ...wrong })).toThrow(new RegExp(`${name}: .*for example`))
})

test('of headers, which hold keys, no value is quoted', () => {
  const read = () => readConfig({ ...right, OTEL_EXPORTER_OTLP_HEADERS: 'api-key secret' })
  expect(read).toThrow(/OTEL_EXPORTER_OTLP_HEADERS/)
  expect(read).not.toThrow(/secret/)
})

test.each([
  ['every signal goes by OTLP', {}, ['traces', 'metrics', 'logs']],
  ['a signal that has no exporter does not', { OTEL_METRICS_EXPORTER: 'none' }, ['traces', 'logs']],
  [
    'a setting of spaces is none',
    { OTEL_TRACES_SAMPLER_ARG: ' ', OTEL_TRACES_EXPORTER: ' ' },
    ['traces', 'metrics', 'logs'],
  ],
])('%s', (_, env, signals) => {
  const { telemetry } = readConfig({ ...right, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', ...env })
  expect(telemetry).toMatchObject({ otlp: { signals }, sampling: { share: 1 } })
})

test('where no signal is left, nothing is exported', () => {
  const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }
  const env = { ...right, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', ...none }
  expect(readConfig(env).telemetry).toBeNull()
})

test('every wrong setting is named at once', () => {
  expect(() => readConfig({})).toThrow(/AUTH[\s\S]*CosmosConnection[\s\S]*ServiceBusConnection/)
})

test('pictures are kept in an account of their own or in that of the host', () => {
  const images = (env: NodeJS.ProcessEnv) => readConfig({ ...right, ...env }).images
  expect(images({})).toEqual({ connectionString: 'UseDevelopmentStorage=true' })
  const own = { connectionString: 'AccountName=own;AccountKey=a2V5' }
  expect(images({ ImagesConnection: own.connectionString })).toEqual(own)
  const host = { AzureWebJobsStorage: undefined, AzureWebJobsStorage__accountName: 'acc' }
  expect(images(host)).toEqual({ address: 'https://acc.blob.core.windows.net' })
  expect(images({ ...host, ImagesConnection__blobServiceUri: 'https://own.blob.core.windows.net' })).toEqual({
    address: 'https://own.blob.core.windows.net',
  })
})

test('each simulator has the common rate unless it has one of its own, and is off without any', () => {
  const simulation = (env: NodeJS.ProcessEnv) => readConfig({ ...right, ...env }).simulation
  expect(simulation({})).toEqual({ customerOrdersPerHour: 0, workerOrdersPerHour: 0 })
  expect(simulation({ ORDERS_PER_HOUR: '120', VIRTUAL_WORKER_ORDERS_PER_HOUR: '60' })).toEqual({
    customerOrdersPerHour: 120,
    workerOrdersPerHour: 60,
  })
  expect(simulation({ ORDERS_PER_HOUR: '120', VIRTUAL_CUSTOMER_ORDERS_PER_HOUR: '0' })).toEqual({
    customerOrdersPerHour: 0,
    workerOrdersPerHour: 120,
  })
})

test.each(['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME', 'WEBSITE_POD_NAME', 'KUBERNETES_SERVICE_HOST'])(
  'AUTH=none is refused where %s is set',
  (name) => {
    expect(() => readConfig({ ...right, AUTH: 'none', [name]: 'x' })).toThrow(/AUTH: is none/)
    expect(readConfig({ ...right, AUTH: 'none' }).auth).toBe('none')
  },
)

test('AUTH=swa is refused in Kubernetes, where anyone could forge its header', () => {
  expect(() => readConfig({ ...right, KUBERNETES_SERVICE_HOST: 'x' })).toThrow(/AUTH: is swa/)
  expect(readConfig({ ...right, ...jwt, KUBERNETES_SERVICE_HOST: 'x' }).auth).toBe('jwt')
})

// App Service sets WEBSITE_AUTH_ENABLED where its sign-in is on: learn.microsoft.com, "Environment variables and app
// settings in Azure App Service".
describe('in Azure', () => {
  const azure = { ...right, WEBSITE_SITE_NAME: 'x', ROLES: 'store,admin' }

  test('AUTH=swa with the role admin needs the sign-in of the platform, which alone makes its header true', () => {
    for (const off of [undefined, '', 'False', '0']) {
      expect(() => readConfig({ ...azure, WEBSITE_AUTH_ENABLED: off })).toThrow(
        /AUTH: .*WEBSITE_AUTH_ENABLED is not True/,
      )
    }
    expect(readConfig({ ...azure, WEBSITE_AUTH_ENABLED: 'True' }).auth).toBe('swa')
    expect(readConfig({ ...azure, WEBSITE_AUTH_ENABLED: 'true' }).auth).toBe('swa')
  })

  test('an app without employees, or one that checks tokens itself, needs no sign-in of the platform', () => {
    expect(readConfig({ ...azure, ROLES: 'store' }).auth).toBe('swa')
    expect(readConfig({ ...azure, ROLES: 'makeline,simulation' }).auth).toBe('swa')
    expect(readConfig({ ...azure, ...jwt }).auth).toBe('jwt')
  })

  test.each(['swa', 'jwt'])('the roles are said, and never all by omission (AUTH=%s)', (AUTH) => {
    for (const ROLES of [undefined, '']) {
      expect(() => readConfig({ ...azure, ...jwt, AUTH, WEBSITE_AUTH_ENABLED: 'True', ROLES })).toThrow(
        /ROLES: .*for example "store,admin"/,
      )
    }
  })
})

test('what is set is what the app goes by, whatever spaces and case stand in a list', () => {
  const config = readConfig({
    ...right,
    ...jwt,
    AUTH_ROLES_CLAIM: 'groups',
    APP_VERSION: '2.0.0',
    STORE_CURRENCY: 'JPY',
    TRUSTED_ORIGINS: ' https://a.example , https://b.example,',
    ADMIN_GROUPS: ' 0A1B2C3D-0000-4000-8000-000000000000 , 0a1b2c3d-0000-4000-8000-000000000001,',
    CosmosDatabase: 'second',
    OrdersQueue: 'second/orders-2',
    ORDERS_PER_MINUTE: '7',
    ORDERS_PER_MINUTE_PER_CALLER: '5',
    ORDER_RETENTION_DAYS: '30',
    REPUBLISH_SCHEDULE: '0 0 */2 * * MON-FRI',
    AZURE_CLIENT_ID: 'identity',
    METRICS_TOKEN: '4f6f1d0c2b3a49d8',
  })
  expect(config).toMatchObject({
    version: '2.0.0',
    currency: { code: 'JPY', decimals: 0 },
    auth: 'jwt',
    jwt: {
      issuer: 'https://issuer.example',
      audience: 'api://store',
      jwksUri: 'https://issuer.example/keys',
      rolesClaim: 'groups',
    },
    trustedOrigins: new Set(['https://a.example', 'https://b.example']),
    adminGroups: new Set(['0a1b2c3d-0000-4000-8000-000000000000', '0a1b2c3d-0000-4000-8000-000000000001']),
    cosmos: { connectionString: right.CosmosConnection, database: 'second' },
    serviceBus: { connectionString: right.ServiceBusConnection },
    ordersQueue: 'second/orders-2',
    placing: { callerOrdersPerMinute: 5, ordersPerMinute: 7 },
    orderRetentionDays: 30,
    republishSchedule: '0 0 */2 * * MON-FRI',
    identityClientId: 'identity',
    metricsToken: '4f6f1d0c2b3a49d8',
  })
})

test('what is not set has the value that the docs say, and no token opens the metrics', () => {
  expect(readConfig({ ...right, METRICS_TOKEN: '' })).toMatchObject({
    version: '0.1.0',
    currency: { code: 'USD', decimals: 2 },
    jwt: { issuer: '', audience: '', jwksUri: '', rolesClaim: 'roles' },
    trustedOrigins: new Set(),
    adminGroups: new Set(),
    ordersQueue: 'orders',
    placing: { callerOrdersPerMinute: 120, ordersPerMinute: 3_000 },
    orderRetentionDays: 0,
    republishSchedule: '0 */5 * * * *',
    identityClientId: undefined,
    metricsToken: undefined,
  })
})

test.each([
  [
    { CosmosConnection__accountEndpoint: 'xhttps://x' },
    'CosmosConnection: its accountEndpoint is no address',
  ],
  [{ CosmosConnection: undefined }, 'CosmosConnection: is not set; for example "AccountEndpoint='],
  [
    { ServiceBusConnection: 'x' },
    'ServiceBusConnection: is no connection string; for example "Endpoint=sb://',
  ],
  [{ ...jwt, AUTH_ISSUER: undefined }, 'AUTH_ISSUER: is not set, which AUTH=jwt needs; for example'],
  [
    { AzureWebJobsStorage: undefined, AzureWebJobsStorage__accountName: 'a-very-wrong-name' },
    'ImagesConnection: is not set, and AzureWebJobsStorage__accountName is no name of an account',
  ],
  [
    { WEBSITE_SITE_NAME: 'x' },
    'ROLES: is not set, which in Azure would mean all of them; for example "store,admin"',
  ],
])('the settings %j are refused with their place and what would be right', (env, line) => {
  expect(() => readConfig({ ...right, ...env })).toThrow(`The app's settings are wrong:\n  ${line}`)
})

test.each(['xTrue', 'Truex', 'false', ''])('in Azure a sign-in that says %j of itself is off', (on) => {
  const azure = { ...right, WEBSITE_SITE_NAME: 'x', ROLES: 'admin', WEBSITE_AUTH_ENABLED: on }
  expect(() => readConfig(azure)).toThrow('AUTH: is swa with the role admin')
  expect(readConfig({ ...azure, WEBSITE_AUTH_ENABLED: 'True' }).auth).toBe('swa')
})

test('an address may be of a server on the same machine', () => {
  const { CosmosConnection: _, ...rest } = right
  const { cosmos } = readConfig({ ...rest, CosmosConnection__accountEndpoint: 'http://localhost:8081/' })
  expect(cosmos).toMatchObject({ address: 'http://localhost:8081/' })
})
