/** Who talks to the store's API in tests: a customer, and an employee who is signed in. */
import { createClient } from '@store/contract/client'

/** Base64 of the principal that Static Web Apps hands to the API. */
export const principalHeader = (roles: string[]) =>
  Buffer.from(
    JSON.stringify({
      identityProvider: 'aad',
      userId: 'd75b260a64504067bfc5b2905e3b8182',
      userDetails: 'captain@contoso.example',
      userRoles: ['anonymous', 'authenticated', ...roles],
    }),
  ).toString('base64')

/** Clients of the API at an origin, past the Static Web Apps in front of it. */
export function clientsOf(urls: { api: string }) {
  return {
    customer: createClient({ baseUrl: urls.api }),
    employee: createClient({
      baseUrl: urls.api,
      headers: { 'x-ms-client-principal': principalHeader(['admin']) },
    }),
  }
}
