/** Which action an operation on blobs needs: "Permissions for Blob service operations" on Microsoft Learn. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import access from '../../infra/access.json' with { type: 'json' }
import { needsOf } from './blobNeeds.ts'
import { grants } from './roles.ts'

const account = { id: '/subscriptions/1/providers/Microsoft.Storage/storageAccounts/stx', host: 'stx.blob' }
const service = 'Microsoft.Storage/storageAccounts/blobServices'
const container = `${account.id}/blobServices/default/containers/pictures`
const needs = (method: string, url: string, headers = {}) =>
  needsOf({ method, url, headers } as IncomingMessage, account)

test.each([
  ['Create Container', 'PUT', '/pictures?restype=container', 'write'],
  ['Get Container Properties', 'HEAD', '/pictures?restype=container', 'read'],
  ['Delete Container', 'DELETE', '/pictures?restype=container', 'delete'],
  ['Lease Container', 'PUT', '/pictures?restype=container&comp=lease', 'write'],
  ['Get Container ACL', 'GET', '/pictures?restype=container&comp=acl', 'getAcl/action'],
  ['Set Container ACL', 'PUT', '/pictures?restype=container&comp=acl', 'setAcl/action'],
  ['List Blobs', 'GET', '/pictures?restype=container&comp=list', 'blobs/read'],
  ['Find Blobs by Tags', 'GET', '/pictures?restype=container&comp=blobs&where=x', 'blobs/filter/action'],
  ['Get Blob', 'GET', '/pictures/a/b.png', 'blobs/read'],
  ['Get Blob Properties', 'HEAD', '/pictures/a.png', 'blobs/read'],
  ['Get Block List', 'GET', '/pictures/a.png?comp=blocklist', 'blobs/read'],
  ['Query Blob Contents', 'POST', '/pictures/a.csv?comp=query', 'blobs/read'],
  ['Put Blob', 'PUT', '/pictures/a.png', 'blobs/write'],
  ['Put Block', 'PUT', '/pictures/a.png?comp=block&blockid=1', 'blobs/write'],
  ['Put Block List', 'PUT', '/pictures/a.png?comp=blocklist', 'blobs/write'],
  ['Lease Blob', 'PUT', '/pictures/a.png?comp=lease', 'blobs/write'],
  ['Delete Blob', 'DELETE', '/pictures/a.png', 'blobs/delete'],
  ['Undelete Blob', 'PUT', '/pictures/a.png?comp=undelete', 'write'],
  ['Get Blob Tags', 'GET', '/pictures/a.png?comp=tags', 'blobs/tags/read'],
  ['Set Blob Tags', 'PUT', '/pictures/a.png?comp=tags', 'blobs/tags/write'],
  [
    'Set Immutability Policy',
    'PUT',
    '/pictures/a.png?comp=immutabilityPolicies',
    'blobs/immutableStorage/runAsSuperUser/action',
  ],
])('%s', (_operation, method, url, action) => {
  expect(needs(method, url)).toEqual([{ action: `${service}/containers/${action}`, resource: container }])
})

test.each([
  ['List Containers', 'GET', '/?comp=list', 'containers/read'],
  ['Get Blob Service Properties', 'GET', '/?restype=service&comp=properties', 'read'],
  ['Set Blob Service Properties', 'PUT', '/?restype=service&comp=properties', 'write'],
  ['Get Blob Service Stats', 'GET', '/?restype=service&comp=stats', 'read'],
  ['Get Account Information', 'GET', '/pictures?restype=account&comp=properties', 'getInfo/action'],
  [
    'Get User Delegation Key',
    'POST',
    '/?restype=service&comp=userdelegationkey',
    'generateUserDelegationKey/action',
  ],
  ['Find Blobs by Tags', 'GET', '/?comp=blobs&where=x', 'containers/blobs/filter/action'],
])('%s is about the whole account', (_operation, method, url, action) => {
  expect(needs(method, url)).toEqual([
    { action: `${service}/${action}`, resource: `${account.id}/blobServices/default` },
  ])
})

test('Copy Blob reads the blob that it copies, where that is of the same account', () => {
  const copy = (source: string) => needs('PUT', '/pictures/b.png', { 'x-ms-copy-source': source })
  const write = { action: `${service}/containers/blobs/write`, resource: container }
  expect(copy('https://stx.blob/secret/a.png')).toEqual([
    write,
    {
      action: `${service}/containers/blobs/read`,
      resource: container.replace('pictures', 'secret'),
    },
  ])
  expect(copy('https://another.blob/secret/a.png?sig=x')).toEqual([write])
})

test('a blob beside all containers lies in $root', () => {
  expect(needs('GET', '/pictures')).toEqual([
    { action: `${service}/containers/blobs/read`, resource: container.replace('pictures', '$root') },
  ])
})

describe('what the roles do not allow', () => {
  const { 'Storage Blob Data Owner': owner, 'Storage Blob Data Contributor': contributor } = access.roles
  const may = (role: string, method: string, url: string) =>
    needs(method, url).every(({ action }) => grants(role, action))

  test.each([
    ['look at who else may', 'GET', '/pictures?restype=container&comp=acl', false, true],
    ['open a container to strangers', 'PUT', '/pictures?restype=container&comp=acl', false, true],
    ['tag', 'PUT', '/pictures/a.png?comp=tags', false, true],
    ['read the account’s kind', 'GET', '/?restype=account&comp=properties', false, false],
    ['change the service', 'PUT', '/?restype=service&comp=properties', false, false],
    ['do several things at once', 'POST', '/?comp=batch', false, false],
    ['delete a version', 'DELETE', '/pictures/a.png?versionid=1', false, false],
    ['write', 'PUT', '/pictures/a.png', true, true],
  ])('%s', (_what, method, url, byContributor, byOwner) => {
    expect([may(contributor, method, url), may(owner, method, url)]).toEqual([byContributor, byOwner])
  })
})
