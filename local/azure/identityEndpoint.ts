/**
 * Where an app on App Service gets tokens for its identities. Source: "How to use managed identities for App Service and
 * Azure Functions" on Microsoft Learn, REST endpoint reference, version 2019-08-01.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authority } from './authority.ts'
import type { App, Deployment } from './deployment.ts'
import { standsIn } from './settingPlaces.ts'

/** By the secret that an app proves itself with: the app. */
export type Secrets = ReadonlyMap<string, App>

export interface Asked {
  readonly app: App
  readonly wanted: string
  readonly reason: string
}

/** Answers requests for tokens; an app gets those of its own identities, and no other's. */
export function identityEndpoint(
  { identities }: Deployment,
  authority: Authority,
  secrets: Secrets,
  onRefused: (asked: Asked) => void,
) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
    const app = secrets.get(String(request.headers['x-identity-header']))
    const fail = (status: number, message: string) =>
      void response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ statusCode: status, message }))
    if (pathname !== '/msi/token' || request.method !== 'GET') return fail(404, 'Not found.')
    if (!app) return fail(401, 'The header X-IDENTITY-HEADER is missing or wrong.')
    if (query.get('api-version') !== '2019-08-01') return fail(400, 'The api-version is not supported.')
    const resource = query.get('resource')
    if (!resource) return fail(400, 'The parameter resource is missing.')

    const own = identities.filter(({ id }) => app.identities.includes(id))
    const wanted = query.get('client_id') ?? query.get('principal_id') ?? query.get('mi_res_id')
    const identity = own.find(({ clientId, principalId, id }) =>
      [clientId, principalId, id].some((one) => one === wanted),
    )
    if (!identity) {
      const reason = wanted
        ? `${app.name} asked to be ${wanted}, which is none of its identities (${own.map(({ name }) => name).join(', ')})${standsIn(app, wanted)}`
        : `${app.name} asked for a token without saying as whom, and has no identity of the system's`
      onRefused({ app, wanted: wanted ?? '', reason })
      return fail(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      )
    }
    const { token, expires } = await authority.sign(identity, resource)
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        access_token: token,
        client_id: identity.clientId,
        expires_on: String(expires),
        not_before: String(expires - authority.seconds),
        resource,
        token_type: 'Bearer',
      }),
    )
  }
}
