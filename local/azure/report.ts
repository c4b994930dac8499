/** What a rehearsal has to say: for each identity the rights that it has, what it used of them, and what it was refused. */
import type { Azure } from './azure.ts'
import type { Deployment, RoleAssignment } from './deployment.ts'
import type { Trial } from './rehearsal.ts'
import type { Refused } from './rights.ts'
import { narrowerRole, roles } from './roles.ts'
import { describeRefusal, describeRight, ownerOf } from './words.ts'

/** The rights that nothing used. */
export const unused = ({ deployment, rights }: Azure): RoleAssignment[] =>
  deployment.assignments.filter((one) => rights.usesOf(one).length === 0)

/** What is wrong when all is told: rights that nothing used, or of somebody whom nobody knows, and whatever was refused. */
export function faultsOf(azure: Azure): string[] {
  const { deployment, rights } = azure
  const strangers = deployment.otherRights.filter(({ isKnown }) => !isKnown)
  return [
    ...unused(azure).map((one) => `${nameOf(deployment, one)} does not use ${describeRight(one)}`),
    ...strangers.map((one) => `${describeRight(one)} is for ${one.whom}, whom the rehearsal does not know`),
    ...new Set(rights.refused.map(describeRefusal)),
  ]
}

/** Each identity with its rights, what it used of them, and what it was refused; then what is nobody's of these. */
export function reportOf(azure: Azure): string {
  const { deployment, rights } = azure
  const { identities, assignments, otherRights } = deployment
  const partOf = (name: string, owned: readonly RoleAssignment[], refused: readonly Refused[]) => [
    name,
    ...owned.map((one) => `  ${describeRight(one)}: ${usesText(azure, one)}`),
    ...(refused.length
      ? new Set(refused.map((one) => `  refused: ${describeRefusal(one)}`))
      : ['  refused: nothing']),
  ]
  const lines = identities.flatMap((identity) =>
    partOf(
      identity.name,
      assignments.filter(({ principalId }) => principalId === identity.principalId),
      rights.refused.filter((one) => one.identity === identity),
    ),
  )
  for (const one of otherRights)
    lines.push(one.whom, `  ${describeRight(one)}: NOT USED, and not rehearsed (docs/azure.md)`)
  const ownerless = assignments.filter((one) => !ownerOf(deployment, one))
  const refused = rights.refused.filter((one) => !one.identity)
  if (ownerless.length || refused.length) lines.push(...partOf('nobody that is known', ownerless, refused))
  return lines.join('\n')
}

const nameOf = (deployment: Deployment, one: RoleAssignment) =>
  ownerOf(deployment, one)?.name ?? `${one.principalId}, who is nobody,`

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
  const right = `${ownerOf(deployment, assignment)?.app ?? 'nobody'} without ${describeRight(assignment)}`
  const time = `(${seconds.toFixed(1)} s)`
  return refused
    ? `✓ ${right} ${time}\n    ${describeRefusal(refused)}`
    : `✗ ${right}: nobody missed it ${time}`
}
