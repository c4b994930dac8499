/** `login.microsoftonline.com`: the keys of the authority, and what clients ask before they trust it. */
import type { Authority } from './authority.ts'
import type { Deployment } from './deployment.ts'
import { type Handler, sendJson } from './httpAnswers.ts'

export const signInHost = 'login.microsoftonline.com'

export function entraSite({ tenantId }: Deployment, authority: Authority): Handler {
  const base = `https://${signInHost}/${tenantId}`
  return (request, response) => {
    const { pathname } = new URL(request.url ?? '/', base)
    request.resume()
    if (pathname === `/${tenantId}/discovery/v2.0/keys`) return sendJson(response, 200, authority.keys)
    sendJson(response, 404, { error: 'not_found', error_description: `There is no ${pathname} here.` })
  }
}
