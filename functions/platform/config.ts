/**
 * The settings of the app, read and checked once at start. A wrong one stops the app with a message that names the
 * setting and shows a right value; nothing else in the app reads the environment.
 */
import { decimalsOf } from '@store/contract'
import * as z from 'zod'
import { type Connection, ConnectionError, readConnection, readImagesConnection } from './connections.ts'
import type { Fault } from './environment.ts'
import { readTelemetrySettings, type TelemetrySettings } from './telemetry/settings.ts'

/** What an instance of the app does; `index.ts` registers the triggers of its roles only. */
export const roleNames = ['store', 'admin', 'makeline', 'simulation'] as const
export type Role = (typeof roleNames)[number]

/** How a client of the API proves who it is; see `signIn.ts`. */
const authModes = ['swa', 'jwt', 'none'] as const

export interface Config {
  version: string
  /** ISO 4217 code of the currency of all prices, and how many decimals it has. */
  currency: { code: string; decimals: number }
  roles: ReadonlySet<Role>
  auth: (typeof authModes)[number]
  /** Who signs the tokens under `AUTH=jwt`, for whom, and where its keys and, in a token, the roles are. */
  jwt: { issuer: string; audience: string; jwksUri: string; rolesClaim: string }
  /** Origins, beside its own, whose pages may change something. */
  trustedOrigins: ReadonlySet<string>
  /** Ids of the Entra groups whose members are employees; none unless a company signs in its own people. */
  adminGroups: ReadonlySet<string>
  cosmos: Connection & { database: string }
  serviceBus: Connection
  /** The storage account that keeps pictures of products. */
  images: Connection
  ordersQueue: string
  /** Orders a minute that an instance takes, from one caller and in all; 0 is no bound. */
  placing: { callerOrdersPerMinute: number; ordersPerMinute: number }
  /** Days after its last change for which an order is kept; 0 is for good. */
  orderRetentionDays: number
  /** NCRONTAB schedule on which orders that were stored but not published are published again. */
  republishSchedule: string
  /** Client id of the user-assigned identity that the app runs as; undefined for a system-assigned one. */
  identityClientId: string | undefined
  /** How fast the simulators work; 0 is off. */
  simulation: { customerOrdersPerHour: number; workerOrdersPerHour: number }
  /** What a scraper of the metrics shows to be let in; undefined where employees alone are. */
  metricsToken: string | undefined
  /** Null where no place is configured that telemetry goes to: then none is recorded. */
  telemetry: TelemetrySettings | null
}

/** Settings are wrong; the message names each and shows a right value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const roleList = z
  .string()
  .default(roleNames.join(','))
  .transform((list) => list.split(',').map((role) => role.trim()))
  .pipe(z.array(z.enum(roleNames)))

const address = z.url({ protocol: /^https?$/ })

const origins = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.string().refine((origin) => URL.parse(origin)?.origin === origin, 'is no list of origins')))

const groups = z
  .string()
  .default('')
  .transform((list) => list.split(',').map((id) => id.trim().toLowerCase()))
  .transform((list) => list.filter(Boolean))
  .pipe(z.array(z.guid('is no list of ids of groups')))

const ordersPerHour = z
  .string()
  .regex(/^\d*$/, 'is not a whole number')
  .transform(Number)
  .pipe(z.int().max(36_000))
  .optional()

const wholeNumber = (most: number, without: number) =>
  z
    .string()
    .regex(/^\d+$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.int().max(most))
    .default(without)

const Settings = z.object({
  APP_VERSION: z.string().default('0.1.0'),
  // Half a setting once: the orders, the queue and the figures knew no store.
  STORE_ID: z
    .literal('contoso', {
      error: 'is no setting any more: another store has another CosmosDatabase and OrdersQueue',
    })
    .optional(),
  STORE_CURRENCY: z
    .string()
    .default('USD')
    .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'is no ISO 4217 code'),
  ROLES: roleList,
  AUTH: z.enum(authModes),
  AUTH_ISSUER: z.string().min(1).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  AUTH_JWKS_URI: address.optional(),
  AUTH_ROLES_CLAIM: z.string().min(1).default('roles'),
  TRUSTED_ORIGINS: origins,
  ADMIN_GROUPS: groups,
  CosmosDatabase: z.string().min(1).default('store'),
  ORDERS_PER_MINUTE_PER_CALLER: wholeNumber(1_000_000, 120),
  ORDERS_PER_MINUTE: wholeNumber(1_000_000, 3_000),
  ORDER_RETENTION_DAYS: wholeNumber(20_000, 0),
  OrdersQueue: z
    .string()
    .regex(/^[A-Za-z0-9]([\w./-]{0,200}[A-Za-z0-9])?$/, 'is not the name of a queue')
    .default('orders'),
  REPUBLISH_SCHEDULE: z
    .string()
    .regex(/^[\w*,/-]+( [\w*,/-]+){5}$/, 'is not an NCRONTAB expression of six fields')
    .default('0 */5 * * * *'),
  AZURE_CLIENT_ID: z.string().optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^([\w.~+/=-]{16,512})?$/, 'is no token of 16 characters or more')
    .optional(),
  ORDERS_PER_HOUR: ordersPerHour,
  VIRTUAL_CUSTOMER_ORDERS_PER_HOUR: ordersPerHour,
  VIRTUAL_WORKER_ORDERS_PER_HOUR: ordersPerHour,
})

const examples: Record<string, string> = {
  ROLES: '"store,admin" (any of store, admin, makeline, simulation)',
  AUTH: '"swa" (or "jwt"; on a laptop also "none")',
  AUTH_ISSUER: '"https://login.microsoftonline.com/TENANT/v2.0"',
  AUTH_AUDIENCE: '"api://store"',
  AUTH_JWKS_URI: '"https://login.microsoftonline.com/TENANT/discovery/v2.0/keys"',
  AUTH_ROLES_CLAIM: '"roles"',
  ADMIN_GROUPS: '"0a1b2c3d-0000-4000-8000-000000000000" (ids of Entra groups, separated by commas)',
  TRUSTED_ORIGINS: '"https://shop.example,https://admin.example"',
  ORDERS_PER_HOUR: '"120" (0 or not set: off; at most 36000)',
  VIRTUAL_CUSTOMER_ORDERS_PER_HOUR: '"120" (0: off; not set: as ORDERS_PER_HOUR)',
  VIRTUAL_WORKER_ORDERS_PER_HOUR: '"120" (0: off; not set: as ORDERS_PER_HOUR)',
  STORE_ID: '"contoso", or none',
  STORE_CURRENCY: '"USD"',
  CosmosDatabase: '"store"',
  OrdersQueue: '"orders"',
  ORDERS_PER_MINUTE_PER_CALLER: '"120" (0: no bound)',
  ORDERS_PER_MINUTE: '"3000" (0: no bound)',
  ORDER_RETENTION_DAYS: '"365" (0 or not set: for good)',
  REPUBLISH_SCHEDULE: '"0 */5 * * * *" (every five minutes)',
  METRICS_TOKEN: '"4f6f1d0c2b3a49d8" (16 characters or more, of a password generator)',
  CosmosConnection:
    '"AccountEndpoint=https://…/;AccountKey=…", or CosmosConnection__accountEndpoint "https://NAME.documents.azure.com/"',
  ServiceBusConnection:
    '"Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…", or ServiceBusConnection__fullyQualifiedNamespace "NAME.servicebus.windows.net"',
  ImagesConnection:
    '"DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…", or ImagesConnection__blobServiceUri "https://NAME.blob.core.windows.net"; without either, AzureWebJobsStorage is used',
}

/** Variables of which at least one is set wherever the platform runs an app; Flex Consumption has no instance id. */
const hosts = {
  Azure: ['WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME', 'WEBSITE_POD_NAME', 'CONTAINER_APP_NAME'],
  Kubernetes: ['KUBERNETES_SERVICE_HOST'],
}

/**
 * What `read` makes of environment variables; a service with settings of its own reads them so, too.
 * @throws {ConfigError} naming every setting that is missing or wrong.
 */
export function readSettings<T>(
  env: NodeJS.ProcessEnv,
  read: (env: NodeJS.ProcessEnv, fault: Fault) => T,
): T {
  const wrong: string[] = []
  const settings = read(env, (name, reason) =>
    wrong.push(`  ${name}: ${reason}${examples[name] ? `; for example ${examples[name]}` : ''}`),
  )
  if (wrong.length) throw new ConfigError(`The app's settings are wrong:\n${wrong.join('\n')}`)
  return settings
}

/**
 * Turns environment variables into a `Config`.
 * @throws {ConfigError} naming every setting that is missing or wrong.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const config = readSettings(env, read)
  if (!config) throw new ConfigError("The app's settings are wrong.")
  return config
}

/** Null only where a fault was told. */
function read(env: NodeJS.ProcessEnv, fault: Fault): Config | null {
  const parsed = Settings.safeParse(env)
  for (const issue of parsed.error?.issues ?? []) fault(String(issue.path[0]), issue.message)

  const connection = (name: string, read: () => Connection | undefined): Connection => {
    try {
      const found = read()
      if (found) return found
      fault(name, 'is not set')
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error
      fault(name, error.message)
    }
    return { address: '' }
  }
  const cosmos = connection('CosmosConnection', () => readConnection(env, 'CosmosConnection'))
  const serviceBus = connection('ServiceBusConnection', () => readConnection(env, 'ServiceBusConnection'))
  const images = connection('ImagesConnection', () => readImagesConnection(env))

  if (parsed.data?.AUTH === 'jwt') {
    for (const name of ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URI'] as const) {
      if (!parsed.data[name]) fault(name, 'is not set, which AUTH=jwt needs')
    }
  }
  const telemetry = readTelemetrySettings(env, fault)

  const host = Object.entries(hosts).find(([, names]) => names.some((name) => env[name]))?.[0]
  if (parsed.data?.AUTH === 'none' && host) fault('AUTH', `is none, which ${host} must not run with`)
  if (parsed.data?.AUTH === 'swa' && host === 'Kubernetes') {
    fault('AUTH', 'is swa, but in Kubernetes no Static Web App keeps callers from forging its header')
  }
  if (host === 'Azure') {
    if (!env.ROLES) fault('ROLES', 'is not set, which in Azure would mean all of them')
    // The platform sets it on an app whose sign-in is on, as linking a Static Web App does, and takes the caller's header away.
    const isGuarded = /^true$/i.test(env.WEBSITE_AUTH_ENABLED ?? '')
    if (parsed.data?.AUTH === 'swa' && parsed.data.ROLES.includes('admin') && !isGuarded) {
      fault(
        'AUTH',
        'is swa with the role admin, but the sign-in of App Service is off (WEBSITE_AUTH_ENABLED is not True), so anyone could forge its header: link a Static Web App',
      )
    }
  }

  if (!parsed.data) return null
  const s = parsed.data
  return {
    version: s.APP_VERSION,
    currency: { code: s.STORE_CURRENCY, decimals: decimalsOf(s.STORE_CURRENCY) },
    roles: new Set(s.ROLES),
    auth: s.AUTH,
    jwt: {
      issuer: s.AUTH_ISSUER ?? '',
      audience: s.AUTH_AUDIENCE ?? '',
      jwksUri: s.AUTH_JWKS_URI ?? '',
      rolesClaim: s.AUTH_ROLES_CLAIM,
    },
    trustedOrigins: new Set(s.TRUSTED_ORIGINS),
    adminGroups: new Set(s.ADMIN_GROUPS),
    cosmos: { ...cosmos, database: s.CosmosDatabase },
    serviceBus,
    images,
    ordersQueue: s.OrdersQueue,
    placing: {
      callerOrdersPerMinute: s.ORDERS_PER_MINUTE_PER_CALLER,
      ordersPerMinute: s.ORDERS_PER_MINUTE,
    },
    orderRetentionDays: s.ORDER_RETENTION_DAYS,
    republishSchedule: s.REPUBLISH_SCHEDULE,
    identityClientId: s.AZURE_CLIENT_ID,
    simulation: {
      customerOrdersPerHour: s.VIRTUAL_CUSTOMER_ORDERS_PER_HOUR ?? s.ORDERS_PER_HOUR ?? 0,
      workerOrdersPerHour: s.VIRTUAL_WORKER_ORDERS_PER_HOUR ?? s.ORDERS_PER_HOUR ?? 0,
    },
    metricsToken: s.METRICS_TOKEN || undefined,
    telemetry,
  }
}

let current: Config | undefined

/** The configuration of this process, read from its environment on the first call. */
export function config(): Config {
  current ??= readConfig(process.env)
  return current
}
