/**
 * Signs requests with an account's key, where there is one; in Azure the app has an identity instead. The SDK would sign
 * them itself, but imports the key each time, which takes six times as long as the signature.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import type { RequestInfo } from '@azure/cosmos'

/**
 * What answers the token of a request, as Azure's documentation of the REST interface has it ("Access control on Azure
 * Cosmos DB resources"): the SHA-256 HMAC of verb, kind and address of the resource, and date, which it sets.
 * @param key in base64, as the portal shows it.
 */
export function signer(key: string): (request: RequestInfo) => Promise<string> {
  const secret = createSecretKey(key, 'base64')
  // Of the account itself there is neither kind nor address, whatever the SDK's type says.
  return async ({ verb, resourceType = '', resourceId = '', headers }) => {
    const date = new Date().toUTCString()
    headers['x-ms-date'] = date
    const text = `${verb.toLowerCase()}\n${resourceType.toLowerCase()}\n${resourceId}\n${date.toLowerCase()}\n\n`
    return `type=master&ver=1.0&sig=${createHmac('sha256', secret).update(text).digest('base64')}`
  }
}
