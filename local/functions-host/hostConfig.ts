/** `host.json`, with the defaults of the real host filled in. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HostStartError } from './errors.ts'
import { remarks } from './hostOptions.ts'
import { parseJson } from './json.ts'
import type { LogLevel, RetryOptions } from './rpc.ts'
import type { Settings } from './settings.ts'

export interface ServiceBusConfig {
  maxConcurrentCalls: number
  maxConcurrentSessions: number
  maxMessageBatchSize: number
  minMessageBatchSize: number
  autoCompleteMessages: boolean
  /** Milliseconds. */
  maxBatchWaitTime: number
  /** Milliseconds. */
  maxAutoLockRenewalDuration: number
  /** Milliseconds. */
  sessionIdleTimeout: number
}

export interface HostConfig {
  routePrefix: string
  /** Headers of every answer. */
  customHeaders: Record<string, string>
  /** What is to be told at the start: options that are not followed, or that do not exist. */
  remarks: string[]
  /** Milliseconds; undefined: no limit. */
  functionTimeout: number | undefined
  logLevels: Record<string, LogLevel>
  serviceBus: ServiceBusConfig
  retry: RetryOptions | undefined
  /** When given, only these functions are loaded. */
  functions: string[] | undefined
  extensionBundle: { id: string; version: string } | undefined
}

/** What a developer writes; every part may be absent. */
interface HostJson {
  version?: string
  functionTimeout?: string
  functions?: string[]
  extensionBundle?: { id: string; version: string }
  logging?: { logLevel?: Record<string, string> }
  retry?: {
    strategy?: RetryOptions['retryStrategy']
    maxRetryCount?: number
    delayInterval?: string
    minimumInterval?: string
    maximumInterval?: string
  }
  extensions?: {
    http?: { routePrefix?: string; customHeaders?: Record<string, string> }
    serviceBus?: {
      maxConcurrentCalls?: number
      maxConcurrentSessions?: number
      maxMessageBatchSize?: number
      minMessageBatchSize?: number
      autoCompleteMessages?: boolean
      maxBatchWaitTime?: string
      maxAutoLockRenewalDuration?: string
      sessionIdleTimeout?: string
    }
  }
}

/** What `func start` and a dedicated plan allow where `host.json` is silent. */
const defaultTimeout = 30 * 60_000

/**
 * Reads `host.json` of an app; settings like `AzureFunctionsJobHost__logging__logLevel__default` override its parts.
 * @throws {HostStartError} when the file is missing, is not JSON, or is not of version 2.0.
 */
export async function readHostConfig(appRoot: string, settings: Settings): Promise<HostConfig> {
  let text: string
  try {
    text = await readFile(join(appRoot, 'host.json'), 'utf8')
  } catch {
    throw new HostStartError(`No host.json in ${appRoot}: is this the root of a Functions app?`)
  }
  let json: HostJson
  try {
    json = parseJson(text) as HostJson
  } catch (error) {
    throw new HostStartError(`host.json is not valid JSON: ${(error as Error).message}`)
  }
  applyOverrides(json, settings)
  if (json.version !== '2.0') throw new HostStartError('host.json must say "version": "2.0".')

  const bus = json.extensions?.serviceBus ?? {}
  return {
    routePrefix: (json.extensions?.http?.routePrefix ?? 'api').replace(/^\/+|\/+$/g, ''),
    customHeaders: json.extensions?.http?.customHeaders ?? {},
    remarks: remarks(json),
    functionTimeout: readTimeout(json.functionTimeout),
    logLevels: Object.fromEntries(
      Object.entries(json.logging?.logLevel ?? {}).map(([category, level]) => [
        category,
        String(level).toLowerCase(),
      ]),
    ) as Record<string, LogLevel>,
    serviceBus: {
      maxConcurrentCalls: bus.maxConcurrentCalls ?? 16,
      maxConcurrentSessions: bus.maxConcurrentSessions ?? 8,
      maxMessageBatchSize: bus.maxMessageBatchSize ?? 1000,
      minMessageBatchSize: bus.minMessageBatchSize ?? 1,
      autoCompleteMessages: bus.autoCompleteMessages ?? true,
      maxBatchWaitTime: timeSpan(bus.maxBatchWaitTime ?? '00:00:30'),
      maxAutoLockRenewalDuration: timeSpan(bus.maxAutoLockRenewalDuration ?? '00:05:00'),
      sessionIdleTimeout: timeSpan(bus.sessionIdleTimeout ?? '00:01:00'),
    },
    retry: readRetry(json.retry),
    functions: json.functions,
    extensionBundle: json.extensionBundle,
  }
}

const overridePrefix = 'AzureFunctionsJobHost__'

function applyOverrides(json: object, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!name.startsWith(overridePrefix) || value === undefined) continue
    const path = name.slice(overridePrefix.length).split('__')
    const last = path.pop() ?? ''
    let part = json as Record<string, unknown>
    for (const [index, key] of path.entries()) {
      // A number is a place in a list: `AzureFunctionsJobHost__functions__0`.
      const list = /^\d+$/.test(path[index + 1] ?? last)
      if (typeof part[key] !== 'object' || part[key] === null) part[key] = list ? [] : {}
      part = part[key] as Record<string, unknown>
    }
    part[last] = /^(true|false|-?\d+)$/i.test(value) ? JSON.parse(value.toLowerCase()) : value
  }
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return defaultTimeout
  return String(text).trim() === '-1' ? undefined : timeSpan(text)
}

function readRetry(retry: HostJson['retry']): RetryOptions | undefined {
  if (!retry?.strategy) return undefined
  const duration = (text: string | undefined) =>
    text === undefined ? undefined : { seconds: timeSpan(text) / 1000 }
  const [delayInterval, minimumInterval, maximumInterval] = [
    duration(retry.delayInterval),
    duration(retry.minimumInterval),
    duration(retry.maximumInterval),
  ]
  return {
    retryStrategy: retry.strategy,
    maxRetryCount: retry.maxRetryCount ?? -1,
    ...(delayInterval && { delayInterval }),
    ...(minimumInterval && { minimumInterval }),
    ...(maximumInterval && { maximumInterval }),
  }
}

/** The forms of a .NET TimeSpan in the order in which they are tried: so `24:00:00`, no time of day, is 24 days. */
const timeSpanForms = [
  /^(?<days>\d+)$/,
  /^(?<hours>\d+):(?<minutes>\d+)$/,
  /^(?<hours>\d+):(?<minutes>\d+):(?<seconds>\d+)(?:\.(?<fraction>\d{1,7}))?$/,
  /^(?<days>\d+)[.:](?<hours>\d+):(?<minutes>\d+)$/,
  /^(?<days>\d+)[.:](?<hours>\d+):(?<minutes>\d+):(?<seconds>\d+)(?:\.(?<fraction>\d{1,7}))?$/,
]

/** Milliseconds; undefined when the text is no time span of .NET. */
function parseTimeSpan(text: string): number | undefined {
  for (const form of timeSpanForms) {
    const parts = form.exec(String(text).trim())?.groups
    if (!parts) continue
    const { days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0' } = parts
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) continue
    const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
    return whole * 1000 + Math.round(Number(`0.${fraction}`) * 1000)
  }
  return undefined
}

/** True for `d` and `[d.]hh:mm[:ss[.fffffff]]`, the .NET forms of a duration. */
export function isTimeSpan(text: string): boolean {
  return parseTimeSpan(text) !== undefined
}

/**
 * A .NET TimeSpan in milliseconds.
 * @throws {HostStartError} when the text is not one.
 */
export function timeSpan(text: string): number {
  const milliseconds = parseTimeSpan(text)
  if (milliseconds === undefined)
    throw new HostStartError(`"${text}" is not a time span; write it like "00:05:00".`)
  return milliseconds
}
