import { type RequestInfo, setAuthorizationTokenHeaderUsingMasterKey } from '@azure/cosmos'
import { afterEach, expect, test, vi } from 'vitest'
import { signer } from './cosmosKey.ts'

afterEach(() => vi.useRealTimers())

// The SDK's own signing is the reference; it takes the address of a resource as it is, and the rest in small letters.
test.each([
  ['POST', 'docs', 'dbs/Store/colls/orders'],
  ['PATCH', 'docs', 'dbs/Store/colls/orders/docs/01939a52-3c4d-7000-8000-00000000000A'],
  ['GET', 'pkranges', 'dbs/Store/colls/orders'],
  ['GET', undefined, undefined],
])('%s %s of "%s" is signed as the SDK would', async (verb, resourceType, resourceId) => {
  vi.useFakeTimers({ now: new Date('2026-11-25T18:00:00Z') })
  const key = Buffer.from('a key of the account, as the portal shows it').toString('base64')
  const request = { verb, resourceType, resourceId, path: '', headers: {} } as unknown as RequestInfo
  const expected: Record<string, string> = {}
  await setAuthorizationTokenHeaderUsingMasterKey(
    request.verb,
    request.resourceId,
    request.resourceType,
    expected,
    key,
  )
  // It encodes what a provider of tokens answers.
  expect(encodeURIComponent(await signer(key)(request))).toBe(expected.authorization)
  expect(request.headers['x-ms-date']).toBe(expected['x-ms-date'])
})
