/**
 * App settings: the `Values` of `local.settings.json`, overlaid by the environment, overlaid by what the caller gives.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostStartError } from './errors.ts'
import { parseJson } from './json.ts'

export type Settings = Readonly<Record<string, string | undefined>>

/** The `Host` part of `local.settings.json`. */
export interface LocalHostSettings {
  port?: number
  /** Origins that a browser may call from; `*` for any. */
  cors: string[]
  corsCredentials: boolean
  /** What is said of the file at the start: a sentence for each part that nobody knows. */
  remarks: string[]
}

interface LocalSettingsFile {
  IsEncrypted?: boolean
  /** Strings, but a number, true or false is taken, too. */
  Values?: Record<string, unknown>
  ConnectionStrings?: Record<string, string | { ConnectionString: string }>
  Host?: { LocalHttpPort?: number | string; CORS?: string; CORSCredentials?: boolean | string }
}

/** The documented parts of the file ("Code and test Azure Functions locally"), all of them followed or refused. */
export const localSettingsParts = ['IsEncrypted', 'Values', 'Host', 'ConnectionStrings'] as const
export const localHostParts = ['LocalHttpPort', 'CORS', 'CORSCredentials'] as const

/**
 * Reads an app's settings.
 * @throws {HostStartError} when `local.settings.json` is not JSON, is encrypted, or names a port that is none.
 */
export async function readSettings(
  appRoot: string,
  environment: NodeJS.ProcessEnv,
  given: Record<string, string>,
): Promise<{ settings: Settings; local: LocalHostSettings }> {
  const file = await readLocalSettings(appRoot)
  const connectionStrings = Object.entries(file.ConnectionStrings ?? {}).map(([name, value]) => [
    `ConnectionStrings:${name}`,
    typeof value === 'string' ? value : value.ConnectionString,
  ])
  for (const [name, value] of Object.entries(file.Values ?? {})) {
    if (typeof value === 'object' && value !== null) {
      throw new HostStartError(
        `local.settings.json: "Values.${name}" is ${Array.isArray(value) ? 'a list' : 'an object'}; a setting is a text. Write "${name}__0" or "${name}__name" for its parts.`,
      )
    }
  }
  const values = Object.fromEntries(
    Object.entries(file.Values ?? {})
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]),
  )
  return {
    settings: { ...Object.fromEntries(connectionStrings), ...values, ...environment, ...given },
    local: {
      ...portOf(file),
      remarks: [
        ...unknownParts(file, localSettingsParts, ''),
        ...unknownParts(file.Host ?? {}, localHostParts, 'Host.'),
      ],
      cors: (file.Host?.CORS ?? '')
        .split(',')
        .map((origin) => origin.trim().replace(/\/$/, ''))
        .filter(Boolean),
      corsCredentials: /^true$/i.test(String(file.Host?.CORSCredentials)),
    },
  }
}

function portOf({ Host }: LocalSettingsFile): { port?: number } {
  const given = Host?.LocalHttpPort
  if (given === undefined || given === null || given === '') return {}
  const port = Number(given)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { port }
  throw new HostStartError(
    `local.settings.json: "Host.LocalHttpPort" must be a number from 0 to 65535, not ${JSON.stringify(given)}.`,
  )
}

function unknownParts(part: object, known: readonly string[], where: string): string[] {
  return Object.keys(part)
    .filter((name) => !known.includes(name) && name !== '$schema')
    .map((name) => `local.settings.json: there is no option "${where}${name}". Is it misspelt?`)
}

async function readLocalSettings(appRoot: string): Promise<LocalSettingsFile> {
  let text: string
  try {
    text = await readFile(join(appRoot, 'local.settings.json'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  let file: LocalSettingsFile
  try {
    file = parseJson(text) as LocalSettingsFile
  } catch (error) {
    throw new HostStartError(`local.settings.json is not valid JSON: ${(error as Error).message}`)
  }
  if (file.IsEncrypted) {
    throw new HostStartError('local.settings.json is encrypted; run "func settings decrypt" first.')
  }
  return file
}

/** Replaces every `%NAME%` in a binding's property by the setting of that name. */
export function resolveSettings(text: string, settings: Settings, where: string): string {
  return text.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = settings[name]
    if (value === undefined) {
      throw new HostStartError(`${where}: "%${name}%" names a setting that does not exist.`)
    }
    return value
  })
}

/** True when `AzureWebJobs.NAME.Disabled` says so (with `__` for `.` where a dot cannot stand in a name). */
export function isDisabled(functionName: string, settings: Settings): boolean {
  const value =
    settings[`AzureWebJobs.${functionName}.Disabled`] ?? settings[`AzureWebJobs__${functionName}__Disabled`]
  return value !== undefined && /^(true|1)$/i.test(value.trim())
}

/** The app reads its settings from the environment; the returned function takes them back out. */
export function applyEnvironment(settings: Settings): () => void {
  const before = new Map<string, string | undefined>()
  for (const [name, value] of Object.entries(settings)) {
    if (process.env[name] === value) continue
    before.set(name, process.env[name])
    process.env[name] = value
  }
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** The name under which the app keeps its state in storage. */
export function hostId(appRoot: string, settings: Settings): string {
  // The real host's settings know no case.
  const [, given] =
    Object.entries(settings).find(([name]) => /^AzureFunctionsWebHost__hostId$/i.test(name)) ?? []
  return given ?? `local-${createHash('sha256').update(appRoot).digest('hex').slice(0, 16)}`
}
