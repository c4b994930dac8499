/**
 * The settings of the app, read and checked once at start. A wrong one stops the app with a message that names the
 * setting and shows a right value; nothing else in the app reads the environment.
 */
import * as z from 'zod'

/** What an instance of the app does; `index.ts` registers the triggers of its roles only. */
export const roleNames = ['store', 'admin', 'makeline', 'simulation'] as const
export type Role = (typeof roleNames)[number]

/** How a client of the API proves who it is; see `signIn.ts`. */
const authModes = ['swa', 'none'] as const

/** A dependency is reached with a connection string (locally) or with an address and the app's identity (in Azure). */
export type Connection = { connectionString: string } | { address: string }

export interface Config {
  version: string
  storeId: string
  roles: ReadonlySet<Role>
  auth: (typeof authModes)[number]
  cosmos: Connection & { database: string }
  serviceBus: Connection
  ordersQueue: string
  /** NCRONTAB schedule on which orders that were stored but not published are published again. */
  republishSchedule: string
  /** Client id of the user-assigned identity that the app runs as; undefined for a system-assigned one. */
  identityClientId: string | undefined
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

const Settings = z.object({
  APP_VERSION: z.string().default('0.1.0'),
  STORE_ID: z.string().min(1).default('contoso'),
  ROLES: roleList,
  AUTH: z.enum(authModes),
  CosmosDatabase: z.string().min(1).default('store'),
  OrdersQueue: z.string().min(1).default('orders'),
  REPUBLISH_SCHEDULE: z.string().default('*/30 * * * * *'),
  AZURE_CLIENT_ID: z.string().optional(),
})

const examples: Record<string, string> = {
  ROLES: '"store,admin" (any of store, admin, makeline, simulation)',
  AUTH: '"swa"',
  CosmosDatabase: '"store"',
  OrdersQueue: '"orders"',
  CosmosConnection:
    '"AccountEndpoint=https://…/;AccountKey=…", or CosmosConnection__accountEndpoint "https://NAME.documents.azure.com/"',
  ServiceBusConnection:
    '"Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…", or ServiceBusConnection__fullyQualifiedNamespace "NAME.servicebus.windows.net"',
}

/**
 * Turns environment variables into a `Config`.
 * @throws {ConfigError} naming every setting that is missing or wrong.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const wrong: string[] = []
  const fault = (name: string, reason: string) =>
    wrong.push(`  ${name}: ${reason}${examples[name] ? `; for example ${examples[name]}` : ''}`)

  const parsed = Settings.safeParse(env)
  for (const issue of parsed.error?.issues ?? []) fault(String(issue.path[0]), issue.message)

  const connection = (name: string, suffix: string): Connection => {
    const address = env[`${name}__${suffix}`]
    if (address) return { address }
    const connectionString = env[name]
    if (!connectionString) fault(name, 'is not set')
    return { connectionString: connectionString ?? '' }
  }
  const cosmos = connection('CosmosConnection', 'accountEndpoint')
  const serviceBus = connection('ServiceBusConnection', 'fullyQualifiedNamespace')

  const host = env.WEBSITE_INSTANCE_ID ? 'Azure' : env.KUBERNETES_SERVICE_HOST ? 'Kubernetes' : null
  if (parsed.data?.AUTH === 'none' && host) fault('AUTH', `is none, which ${host} must not run with`)

  if (wrong.length || !parsed.data)
    throw new ConfigError(`The app's settings are wrong:\n${wrong.join('\n')}`)
  const s = parsed.data
  return {
    version: s.APP_VERSION,
    storeId: s.STORE_ID,
    roles: new Set(s.ROLES),
    auth: s.AUTH,
    cosmos: { ...cosmos, database: s.CosmosDatabase },
    serviceBus,
    ordersQueue: s.OrdersQueue,
    republishSchedule: s.REPUBLISH_SCHEDULE,
    identityClientId: s.AZURE_CLIENT_ID,
  }
}

let current: Config | undefined

/** The configuration of this process, read from its environment on the first call. */
export function config(): Config {
  current ??= readConfig(process.env)
  return current
}
