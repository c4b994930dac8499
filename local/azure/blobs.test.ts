/** Which action an operation on blobs needs: "Permissions for Blob service operations" on Microsoft Learn. */
import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { needOf } from './blobs.ts'

const account = '/subscriptions/1/providers/Microsoft.Storage/storageAccounts/stx'
const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers'

test.each([
  ['Create Container', 'PUT', '/pictures?restype=container', 'write'],
  ['Get Container Properties', 'HEAD', '/pictures?restype=container', 'read'],
  ['Delete Container', 'DELETE', '/pictures?restype=container', 'delete'],
  ['Lease Container', 'PUT', '/pictures?restype=container&comp=lease', 'write'],
  ['List Blobs', 'GET', '/pictures?restype=container&comp=list', 'blobs/read'],
  ['Get Blob', 'GET', '/pictures/a/b.png', 'blobs/read'],
  ['Get Blob Properties', 'HEAD', '/pictures/a.png', 'blobs/read'],
  ['Put Blob', 'PUT', '/pictures/a.png', 'blobs/write'],
  ['Put Block', 'PUT', '/pictures/a.png?comp=block&blockid=1', 'blobs/write'],
  ['Lease Blob', 'PUT', '/pictures/a.png?comp=lease', 'blobs/write'],
  ['Delete Blob', 'DELETE', '/pictures/a.png', 'blobs/delete'],
  ['Get Blob Tags', 'GET', '/pictures/a.png?comp=tags', 'blobs/tags/read'],
  ['Set Blob Tags', 'PUT', '/pictures/a.png?comp=tags', 'blobs/tags/write'],
])('%s', (_operation, method, url, action) => {
  expect(needOf({ method, url } as IncomingMessage, account)).toEqual({
    action: `${containers}/${action}`,
    resource: `${account}/blobServices/default/containers/pictures`,
  })
})

test('List Containers is about the whole account', () => {
  expect(needOf({ method: 'GET', url: '/?comp=list' } as IncomingMessage, account)).toEqual({
    action: `${containers}/read`,
    resource: `${account}/blobServices/default`,
  })
})
