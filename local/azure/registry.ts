/**
 * A container registry, as far as fetching an image asks for rights: a token of Entra is changed for one of the registry's,
 * that for one of a repository, and with it the image's manifest is fetched. No image is kept here. Source: "Azure Container
 * Registry authentication" (AAD-OAuth.md) in Azure/acr.
 */
import type { Authority } from './authority.ts'
import type { Clock } from './clock.ts'
import type { Deployment } from './deployment.ts'
import { type Handler, readBody, sendJson } from './httpAnswers.ts'
import type { Rights } from './rights.ts'

/** Whom tokens are for by which one signs in to a registry: those of Azure Resource Manager. */
export const registryAudience = 'https://management.azure.com'

const action = 'Microsoft.ContainerRegistry/registries/pull/read'

export function registrySite(
  { id, host }: NonNullable<Deployment['registry']>,
  authority: Authority,
  rights: Rights,
  clock: Clock,
): Handler {
  /** What the registry gave, and whom it stands for. */
  const given = new Map<string, Parameters<Rights['allows']>[0]>()
  const give = (claims: Parameters<Rights['allows']>[0]) => {
    const token = crypto.randomUUID()
    given.set(token, claims)
    return token
  }
  const denied = (message: string) => ({ errors: [{ code: 'UNAUTHORIZED', message }] })
  return async (request, response) => {
    const form = new URLSearchParams((await readBody(request)).toString())
    const { pathname } = new URL(request.url ?? '/', `https://${host}`)
    if (pathname === '/oauth2/exchange') {
      const proof = await authority.verify(form.get('access_token') ?? '', [registryAudience], clock.now())
      if ('claims' in proof) return sendJson(response, 200, { refresh_token: give(proof.claims) })
      const identity = rights.identityOf(proof.oid)
      rights.refuse({
        identity,
        fault: proof.fault,
        action: 'to sign in',
        resource: id,
        reason: proof.refused,
      })
      return sendJson(response, 401, denied('authentication required'))
    }
    if (pathname === '/oauth2/token') {
      const claims = given.get(form.get('refresh_token') ?? '')
      const isAllowed = claims && rights.allows(claims, action, id)
      return isAllowed
        ? sendJson(response, 200, { access_token: give(claims) })
        : sendJson(response, 401, denied('authentication required'))
    }
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (!/^\/v2\/.+\/manifests\/[^/]+$/.test(pathname) || !given.has(token))
      return sendJson(response, 401, denied('authentication required'))
    response.writeHead(200, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }).end('{}')
  }
}
