/** What a rehearsal has to say: for each identity the rights that it has, what it used of them, and what it was refused. */
import type { Azure } from './azure.ts'
import type { Deployment, RoleAssignment } from './deployment.ts'
import type { Trial } from './rehearsal.ts'
import { narrowerRole, roles } from './roles.ts'
import { describeRefusal, describeRight, ownerOf } from './words.ts'

/** The rights that nothing used. */
export const unused = ({ deployment, rights }: Azure): RoleAssignment[] =>
  deployment.assignments.filter((one) => rights.usesOf(one).length === 0)

export function reportOf(azure: Azure): string {
  const { deployment, rights } = azure
  return deployment.identities
    .map((identity) => {
      const lines = deployment.assignments
        .filter(({ principalId }) => principalId === identity.principalId)
        .map((assignment) => `  ${describeRight(assignment)}: ${usesText(azure, assignment)}`)
      const refused = rights.refused
        .filter((one) => one.identity === identity)
        .map((one) => `  refused: ${describeRefusal(one)}`)
      return [identity.name, ...lines, ...new Set(refused)].join('\n')
    })
    .join('\n')
}

/** `used by the app (read, write)`; for what the app never used, that it is the platform's. */
function usesText({ rights }: Azure, assignment: RoleAssignment): string {
  const uses = rights.usesOf(assignment)
  if (!uses.length) return 'NOT USED'
  const by = (who: 'app' | 'platform') =>
    [...new Set(uses.filter((one) => one.by === who).map(({ action }) => shortOf(action)))].sort().join(', ')
  const [app, platform] = [by('app'), by('platform')]
  const narrower = narrowerRole(assignment.role, [...new Set(uses.map(({ action }) => action))])
  return [
    app && `used (${app})`,
    platform && `by the platform, which is played here (${platform})`,
    narrower && `${roles[narrower]?.name} would do for that`,
  ]
    .filter(Boolean)
    .join('; ')
}

/** The end of an action: `blobs/read`. */
const shortOf = (action: string) => action.split('/').slice(-2).join('/')

export function trialText(deployment: Deployment, { assignment, refused, seconds }: Trial): string {
  const right = `${ownerOf(deployment, assignment)?.app} without ${describeRight(assignment)}`
  const time = `(${seconds.toFixed(1)} s)`
  return refused
    ? `✓ ${right} ${time}\n    ${describeRefusal(refused)}`
    : `✗ ${right}: nobody missed it ${time}`
}
