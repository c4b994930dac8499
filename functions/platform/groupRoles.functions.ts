/**
 * POST /api/roles, the `rolesSource` of a Static Web App with a company's own sign-in: it says who of those who signed in
 * is an employee, by their groups in Entra. Only the Static Web App acts on the answer; whoever else asks learns of nobody.
 */
import * as z from 'zod'
import { config } from './config.ts'
import { open, readBody } from './http.ts'

const SignedIn = z.object({
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(2_000),
})

export const groupRoles = open(async (request) => {
  const { claims } = await readBody(request, SignedIn)
  const { adminGroups } = config()
  const isEmployee = claims.some(({ typ, val }) => typ === 'groups' && adminGroups.has(val.toLowerCase()))
  return { jsonBody: { roles: isEmployee ? ['admin'] : [] } }
})
