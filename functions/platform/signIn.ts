/**
 * Who calls. Under `AUTH=swa` the caller's principal comes in the header that Static Web Apps sets; the header is to
 * be trusted because the app is linked to, and so locked behind, its Static Web App, which `config.ts` demands. Under `AUTH=jwt` the caller brings
 * a bearer token (see `bearerToken.ts`), and that header means nothing. `AUTH=none` lets everyone in and is refused by
 * `config.ts` in Azure and Kubernetes.
 */
import * as z from 'zod'
import { config } from './config.ts'
import type { Principal, User } from './principal.ts'
import { ProblemError } from './problem.ts'

interface HeaderBag {
  get(name: string): string | null
}

/**
 * Lets employees through.
 * @throws {ProblemError} 401 when nobody is signed in, 403 when the one who is lacks the role `admin`,
 * 503 when the keys that a token is checked with cannot be had.
 */
export async function requireAdmin(headers: HeaderBag): Promise<User> {
  const principal = await principalOf(headers)
  if (!principal) throw new ProblemError(401, 'Sign in to use this.')
  if (!principal.roles.includes('admin')) throw new ProblemError(403, 'This needs the role admin.')
  return { id: principal.id, name: principal.name }
}

async function principalOf(headers: HeaderBag): Promise<Principal | null> {
  switch (config().auth) {
    case 'none':
      return { id: 'anyone', name: 'anyone', roles: ['admin'] }
    case 'swa':
      return principalInHeader(headers.get('x-ms-client-principal'))
    case 'jwt': {
      const [, token] = /^Bearer ([\w.-]+)$/i.exec(headers.get('authorization') ?? '') ?? []
      if (!token) return null
      const { principalInToken } = await import('./bearerToken.ts')
      return principalInToken(token)
    }
  }
}

const ClientPrincipal = z.object({
  userId: z.string().min(1),
  userDetails: z.string().nullish(),
  userRoles: z.array(z.string()),
})

/** The principal in Static Web Apps' header (base64 of JSON), or null where there is none that can be read. */
function principalInHeader(header: string | null): Principal | null {
  if (!header) return null
  try {
    const { userId, userDetails, userRoles } = ClientPrincipal.parse(
      JSON.parse(Buffer.from(header, 'base64').toString('utf8')),
    )
    return { id: userId, name: userDetails ?? userId, roles: userRoles }
  } catch {
    return null
  }
}
