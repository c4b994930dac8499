/**
 * Who calls. Under `AUTH=swa` the caller's principal comes in the header that Static Web Apps sets; the header is to
 * be trusted because the app is linked to, and so locked behind, its Static Web App. `AUTH=none` lets everyone in and
 * is refused by `config.ts` in Azure and Kubernetes.
 */
import * as z from 'zod'
import { config } from './config.ts'
import { ProblemError } from './problem.ts'

const Principal = z.object({
  userId: z.string(),
  userDetails: z.string().optional(),
  userRoles: z.array(z.string()),
})

interface HeaderBag {
  get(name: string): string | null
}

/**
 * Lets employees through.
 * @throws {ProblemError} 401 when nobody is signed in, 403 when the one who is lacks the role `admin`.
 */
export function requireAdmin(headers: HeaderBag): void {
  if (config().auth === 'none') return
  const principal = principalOf(headers.get('x-ms-client-principal'))
  if (!principal) throw new ProblemError(401, 'Sign in to use this.')
  if (!principal.userRoles.includes('admin')) throw new ProblemError(403, 'This needs the role admin.')
}

/** The principal in Static Web Apps' header (base64 of JSON), or null where there is none that can be read. */
function principalOf(header: string | null) {
  if (!header) return null
  try {
    return Principal.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')))
  } catch {
    return null
  }
}
