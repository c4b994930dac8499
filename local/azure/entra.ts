/**
 * `login.microsoftonline.com`: the keys of the authority, what clients ask before they trust it, and tokens for pods, whose
 * service account the template trusts. Codes of refusals: "Microsoft Entra authentication and authorization error codes".
 */
import { createLocalJWKSet, type JWTPayload, jwtVerify } from 'jose'
import type { Authority } from './authority.ts'
import type { Cluster } from './cluster.ts'
import type { Deployment } from './deployment.ts'
import { type Handler, readBody, sendJson } from './httpAnswers.ts'

export const signInHost = 'login.microsoftonline.com'

/** @param onRefused is told why somebody gets no token, and of the service account that it is */
export function entraSite(
  deployment: Deployment,
  authority: Authority,
  cluster: Cluster,
  onRefused: (reason: string, subject: string | undefined) => void,
): Handler {
  const { tenantId } = deployment
  const base = `https://${signInHost}/${tenantId}`
  const configuration = {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  }
  const exchange = tokenExchange(deployment, authority, cluster)
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', base)
    if (pathname === `/${tenantId}/oauth2/v2.0/token` && request.method === 'POST') {
      const answer = await exchange(new URLSearchParams((await readBody(request)).toString()))
      if ('token' in answer) return sendJson(response, 200, answer.token)
      onRefused(answer.reason, answer.subject)
      const error_codes = [Number(/\d+/.exec(answer.code)?.[0])]
      const error_description = `${answer.code}: ${answer.reason}`
      return sendJson(response, 400, { error: 'invalid_client', error_description, error_codes })
    }
    request.resume()
    if (pathname === `/${tenantId}/discovery/v2.0/keys`) return sendJson(response, 200, authority.keys)
    if (pathname === `/${tenantId}/v2.0/.well-known/openid-configuration`)
      return sendJson(response, 200, configuration)
    if (pathname === '/common/discovery/instance')
      return sendJson(response, 200, {
        tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
        metadata: [{ preferred_network: signInHost, preferred_cache: signInHost, aliases: [signInHost] }],
      })
    sendJson(response, 404, { error: 'not_found', error_description: `There is no ${pathname} here.` })
  }
}

interface Refusal {
  readonly code: string
  readonly reason: string
  /** The service account; undefined where its token proves none. */
  readonly subject?: string | undefined
}

/** Gives a token of an identity for one of a service account that the identity's federated credentials trust. */
function tokenExchange({ identities, federations }: Deployment, authority: Authority, cluster: Cluster) {
  const keys = createLocalJWKSet(cluster.keys)
  return async (form: URLSearchParams): Promise<{ token: object } | Refusal> => {
    let presented: JWTPayload
    try {
      const assertion = form.get('client_assertion') ?? ''
      presented = (await jwtVerify(assertion, keys, { issuer: cluster.issuer })).payload
    } catch (error) {
      return { code: 'AADSTS700027', reason: `The assertion is not taken: ${(error as Error).message}` }
    }
    const { sub: subject, aud = '' } = presented
    const clientId = form.get('client_id')
    const identity = identities.find((one) => one.clientId === clientId)
    if (!identity)
      return {
        code: 'AADSTS700016',
        reason: `Application with identifier '${clientId}' was not found in the directory: no identity of the template has this client id`,
        subject,
      }
    const own = federations.filter((one) => one.identity === identity.id)
    const trusting = own.filter((one) => one.subject === subject && one.issuer === cluster.issuer)
    if (!trusting.length)
      return {
        code: 'AADSTS700213',
        reason: `No matching federated identity record found for presented assertion subject '${subject}': ${identity.name} trusts ${listOf(own.map((one) => one.subject))} (infra/aks.bicep)`,
        subject,
      }
    const audiences = trusting.flatMap((one) => one.audiences)
    if (![aud].flat().some((one) => audiences.includes(one)))
      return {
        code: 'AADSTS700212',
        reason: `No matching federated identity record found for presented assertion audience '${aud}': ${identity.name} trusts those for ${listOf(audiences)} (infra/aks.bicep)`,
        subject,
      }
    const audience = (form.get('scope') ?? '').replace(/\/*\.default$/, '').replace(/\/+$/, '')
    const { token } = await authority.sign(identity, audience)
    const lasts = authority.seconds
    return { token: { token_type: 'Bearer', expires_in: lasts, ext_expires_in: lasts, access_token: token } }
  }
}

const listOf = (names: readonly string[]) => names.join(', ') || 'nobody'
