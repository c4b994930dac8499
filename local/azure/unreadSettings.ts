/** Settings that neither the app nor its host reads: names that are misspelt, of which the app takes the default. */
import { readAiSettings } from '../../functions/ai/settings.ts'
import { readConfig, readSettings } from '../../functions/platform/config.ts'
import type { App } from './deployment.ts'
import { placeVariables } from './functionApp.ts'

/** Read by the host, by each trigger's connection, and in a pod by the base image. */
const ofHost = [
  ...['blobServiceUri', 'credential', 'clientId'].map((part) => `AzureWebJobsStorage__${part}`),
  ...['credential', 'clientId'].map((part) => `ServiceBusConnection__${part}`),
  'AzureFunctionsWebHost__hostid',
  'AzureFunctionsJobHost__Logging__Console__IsEnabled',
  'AzureWebJobsSecretStorageType',
  'FUNCTIONS_WORKER_RUNTIME',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
]

/** Their names. Of settings that the app refuses none is told: it does not start, and says itself why. */
export function unreadSettings(app: App): string[] {
  const read = new Set(ofHost)
  const env = new Proxy<NodeJS.ProcessEnv>(
    { ...placeVariables(app), ...app.settings },
    {
      get(target, name) {
        read.add(String(name))
        return target[String(name)]
      },
    },
  )
  try {
    readConfig(env)
    readSettings(env, readAiSettings)
  } catch {
    return []
  }
  return Object.keys(app.settings).filter((name) => !read.has(name))
}
