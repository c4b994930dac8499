/**
 * Blob Storage: asks for the right, and leaves all else to Azurite, which checks the token a second time (`--oauth
 * basic`). Which action an operation needs: "Authorize with Microsoft Entra ID", table "Permissions for Blob service
 * operations", on Microsoft Learn.
 */
import type { IncomingMessage } from 'node:http'
import type { Deployment } from './deployment.ts'
import type { Gate, Stop } from './gate.ts'
import { forward, type Handler } from './httpAnswers.ts'

export const storageAudience = 'https://storage.azure.com'

const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers'

export interface Need {
  readonly action: string
  readonly resource: string
}

/** Answers for one storage account. @param port where Azurite listens, with TLS */
export function blobSite(
  account: Deployment['storage'][number],
  gate: Gate,
  port: number,
  onMissing: (need: Need) => void,
): Handler {
  return async (request, response) => {
    const need = needOf(request, account.id)
    const stop = await gate.check(request, need.action, need.resource)
    if (!stop)
      return forward(request, response, { port, tls: true }, undefined, ({ headers }) => {
        if (headers['x-ms-error-code'] === 'ContainerNotFound') onMissing(need)
      })
    request.resume()
    const { status, code, text, headers } = refusalOf(stop, request)
    response
      .writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers })
      .end(
        `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
      )
  }
}

export function needOf({ method = 'GET', url = '/' }: IncomingMessage, accountId: string): Need {
  const { pathname, searchParams: query } = new URL(url, 'https://account')
  const [container, ...blob] = pathname.slice(1).split('/')
  const service = `${accountId}/blobServices/default`
  const resource = container ? `${service}/containers/${decodeURIComponent(container)}` : service
  const verb = method === 'GET' || method === 'HEAD' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
  const tags = query.get('comp') === 'tags' ? 'tags/' : ''
  const isOfContainer = !blob.join('/') && query.get('comp') !== 'list'
  if (!container || isOfContainer) return { action: `${containers}/${verb}`, resource }
  return { action: `${containers}/blobs/${tags}${verb}`, resource }
}

function refusalOf(stop: Stop, { headers }: IncomingMessage) {
  if (stop.kind === 'right')
    return {
      status: 403,
      code: 'AuthorizationPermissionMismatch',
      text: 'This request is not authorized to perform this operation using this permission.',
      headers: {},
    }
  if (stop.kind === 'nobody' && headers.authorization)
    return {
      status: 403,
      code: 'KeyBasedAuthenticationNotPermitted',
      text: 'Key based authentication is not permitted on this storage account.',
      headers: {},
    }
  const isMissing = stop.kind === 'nobody'
  return {
    status: 401,
    code: isMissing ? 'NoAuthenticationInformation' : 'InvalidAuthenticationInfo',
    text: `Server failed to authenticate the request. Please refer to the information in the www-authenticate header.${isMissing ? '' : ` ${detailOf(stop)}`}`,
    headers: { 'www-authenticate': `Bearer resource_id=${storageAudience}` },
  }
}

const details: Partial<Record<string, string>> = {
  audience: 'Audience validation failed. Audience did not match.',
  issuer: 'Issuer validation failed. Issuer did not match.',
  signature: 'Signature validation failed. Signature verification failed.',
  expired: 'Lifetime validation failed. The token is expired.',
  early: 'Lifetime validation failed. The token is not yet valid.',
}

const detailOf = ({ proof }: Extract<Stop, { kind: 'token' }>) => details[proof.fault] ?? proof.refused
