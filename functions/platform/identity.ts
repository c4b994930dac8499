import { config } from './config.ts'
import { once } from './once.ts'

/** The identity that the app runs as; the SDK is loaded only where there is no connection string. */
export const identity = once(async () => {
  const { DefaultAzureCredential } = await import('@azure/identity')
  const clientId = config().identityClientId
  return new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {})
})
