/**
 * Blob Storage: asks for the right, and leaves all else to Azurite, which checks the token a second time (`--oauth
 * basic`).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Need, needsOf } from './blobNeeds.ts'
import type { Deployment } from './deployment.ts'
import type { Gate, Guest, Stop } from './gate.ts'
import { forward, type Handler } from './httpAnswers.ts'

export const storageAudience = 'https://storage.azure.com'

/** Answers for one storage account. @param port where Azurite listens, with TLS */
export function blobSite(
  account: Deployment['storage'][number],
  gate: Gate,
  port: number,
  onMissing: (need: Need, who: Guest['who']) => void,
): Handler {
  return async (request, response) => {
    const needs = needsOf(request, account)
    let who: Guest['who'] | undefined
    for (const need of needs) {
      const answer = await gate.check(request, need.action, need.resource)
      if (answer.kind !== 'guest') {
        request.resume()
        return refuse(response, refusalOf(answer, request))
      }
      who ??= answer.who
    }
    forward(request, response, { port, tls: true }, undefined, ({ headers }) => {
      const [need] = needs
      if (need && who && headers['x-ms-error-code'] === 'ContainerNotFound') onMissing(need, who)
    })
  }
}

function refuse(response: ServerResponse, { status, code, text, headers }: ReturnType<typeof refusalOf>) {
  response
    .writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers })
    .end(
      `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
    )
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
