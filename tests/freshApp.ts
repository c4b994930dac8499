import { vi } from 'vitest'

/** The fewest settings that the app starts with; nothing listens at their addresses. */
const settings = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}

/** Has the app's modules that are imported from now on be those of a fresh process with these settings. */
export function freshApp(env: Record<string, string> = {}): void {
  vi.resetModules()
  for (const [name, value] of Object.entries({ ...settings, ...env })) vi.stubEnv(name, value)
}
