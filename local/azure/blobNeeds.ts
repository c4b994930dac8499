/**
 * Which right an operation on blobs needs. Source: "Authorize with Microsoft Entra ID" on Microsoft Learn, table
 * "Permissions for Blob service operations". Operations that the table has not, and batches, which it sums up, need what no
 * role has.
 */
import type { IncomingMessage } from 'node:http'
import type { Deployment } from './deployment.ts'

export interface Need {
  readonly action: string
  readonly resource: string
}

type Account = Pick<Deployment['storage'][number], 'id' | 'host'>

const service = 'Microsoft.Storage/storageAccounts/blobServices'

/** By level, method and `comp`: the end of the action, behind `…/blobServices/`. `HEAD` is as `GET`. */
const actions: Readonly<Record<string, string>> = {
  'account GET list': 'containers/read',
  'account GET properties': 'read',
  'account PUT properties': 'write',
  'account GET stats': 'read',
  'account GET blobs': 'containers/blobs/filter/action',
  'account POST userdelegationkey': 'generateUserDelegationKey/action',

  'container PUT': 'containers/write',
  'container GET': 'containers/read',
  'container DELETE': 'containers/delete',
  'container GET metadata': 'containers/read',
  'container PUT metadata': 'containers/write',
  'container GET acl': 'containers/getAcl/action',
  'container PUT acl': 'containers/setAcl/action',
  'container PUT lease': 'containers/write',
  'container PUT undelete': 'containers/write',
  'container GET list': 'containers/blobs/read',
  'container GET blobs': 'containers/blobs/filter/action',

  'blob GET': 'containers/blobs/read',
  'blob GET metadata': 'containers/blobs/read',
  'blob GET blocklist': 'containers/blobs/read',
  'blob GET pagelist': 'containers/blobs/read',
  'blob POST query': 'containers/blobs/read',
  'blob DELETE': 'containers/blobs/delete',
  'blob GET tags': 'containers/blobs/tags/read',
  'blob PUT tags': 'containers/blobs/tags/write',
  'blob PUT undelete': 'containers/write',
  'blob PUT legalhold': 'containers/write',
  'blob PUT immutabilityPolicies': 'containers/blobs/immutableStorage/runAsSuperUser/action',
  'blob DELETE immutabilityPolicies': 'containers/blobs/immutableStorage/runAsSuperUser/action',
  ...Object.fromEntries(
    [
      ...['', 'properties', 'metadata', 'lease', 'snapshot', 'copy', 'tier', 'expiry', 'incrementalcopy'],
      ...['block', 'blocklist', 'page', 'appendblock'],
    ].map((comp) => [`blob PUT ${comp}`.trim(), 'containers/blobs/write']),
  ),
}

/** What a request needs, all of it. A blob that is copied within the account has to be read, too. */
export function needsOf({ method = 'GET', url = '/', headers }: IncomingMessage, account: Account): Need[] {
  const { pathname, searchParams: query } = new URL(url, 'https://account')
  const [first = '', ...rest] = pathname.slice(1).split('/')
  const isOfContainer = query.get('restype') === 'container'
  const level = !first ? 'account' : isOfContainer ? 'container' : 'blob'
  const verb = method === 'HEAD' ? 'GET' : method
  const key = [level, verb, query.get('comp') ?? ''].join(' ').trim()
  const isOfAccount = query.get('restype') === 'account'
  const isOfVersion = verb === 'DELETE' && query.has('versionid')
  const known = isOfAccount ? 'getInfo/action' : isOfVersion ? undefined : actions[key]
  const action = `${service}/${known ?? `unknown/${key.replaceAll(' ', '-')}/action`}`
  // A blob without a container before it lies in the one that is called so.
  const container = rest.length || isOfContainer ? first : '$root'
  const resource =
    first && !isOfAccount ? resourceOf(account, container) : `${account.id}/blobServices/default`
  const source = sourceOf(headers?.['x-ms-copy-source'], account)
  return [
    { action, resource },
    ...(source ? [{ action: `${service}/containers/blobs/read`, resource: source }] : []),
  ]
}

const resourceOf = ({ id }: Account, container: string) =>
  `${id}/blobServices/default/containers/${decodeURIComponent(container)}`

/** The container of a blob that is copied from the same account; one of another account shows who may read it by itself. */
function sourceOf(header: string | string[] | undefined, account: Account): string | undefined {
  const source = URL.parse(String(header))
  if (source?.hostname !== account.host) return undefined
  return resourceOf(account, source.pathname.slice(1).split('/')[0] ?? '')
}
