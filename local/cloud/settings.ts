/** The app's settings for the local cloud: those of the settings file, with the addresses of the servers that run. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import type { Ports } from './ports.ts'

export type Settings = Record<string, string>

/** The account that every storage emulator has; its key is public. */
const storageAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
}

/**
 * The settings that the Functions host gets.
 *
 * A value of `local.settings.json` that is not the sample's stays as it is (it may point to a real account); tests
 * leave that file out and start from the sample alone. A variable of the environment comes before both, as with `func`.
 */
export function localSettings(ports: Ports, { ownFile = true } = {}): Settings {
  const sample = valuesOf('local.settings.sample.json')
  const settings =
    ownFile && existsSync(join(root, 'local.settings.json')) ? valuesOf('local.settings.json') : { ...sample }
  for (const [name, value] of Object.entries(addresses(sample, ports)))
    if (settings[name] === undefined || settings[name] === sample[name]) settings[name] = value
  return ownFile ? { ...settings, ...settingsOfEnvironment(settings) } : settings
}

/** Those of the settings that the environment has, too. */
const settingsOfEnvironment = (settings: Settings): Settings =>
  Object.fromEntries(
    Object.keys(settings).flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The settings by which the app takes the stand-in for the models for OpenAI, whatever provider the file has. */
export const standInSettings = (ports: Ports): Settings => ({
  USE_AZURE_OPENAI: 'false',
  USE_LOCAL_LLM: 'false',
  OPENAI_API_KEY: 'stand-in',
  OPENAI_BASE_URL: `http://127.0.0.1:${ports.openai}/v1`,
  // Its calls cost nothing.
  AI_CALLS_PER_MINUTE_PER_USER: '600',
  AI_CALLS_PER_MINUTE: '600',
})

/**
 * The settings by which the app tells the console of itself, of its metrics often enough to look at; none where the
 * environment names another place, which the app inherits.
 */
export function telemetrySettings(ports: Ports, env: NodeJS.ProcessEnv = process.env): Settings {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT) return {}
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.console}`,
    OTEL_METRIC_EXPORT_INTERVAL: env.OTEL_METRIC_EXPORT_INTERVAL ?? '10000',
  }
}

function addresses(sample: Settings, ports: Ports): Settings {
  const { name, key } = storageAccount
  return {
    AzureWebJobsStorage: `DefaultEndpointsProtocol=http;AccountName=${name};AccountKey=${key};BlobEndpoint=http://127.0.0.1:${ports.blob}/${name};`,
    ServiceBusConnection:
      sample.ServiceBusConnection?.replace('sb://localhost', `sb://localhost:${ports['service-bus']}`) ?? '',
    CosmosConnection: sample.CosmosConnection?.replace('localhost:8081', `127.0.0.1:${ports.cosmos}`) ?? '',
  }
}

function valuesOf(file: string): Settings {
  return (JSON.parse(readFileSync(join(root, file), 'utf8')) as { Values: Settings }).Values
}
