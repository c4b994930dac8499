/**
 * Brings the store onto the cluster, where there is one, and makes whoever ran `azd` an employee: an invitation for the
 * role `admin`, whose link they accept in their browser.
 */
import { deployToCluster, onCluster } from './cluster.js'
import { az, azList, openBrowser } from './tools.js'

const { AZURE_RESOURCE_GROUP, ADMIN_WEB_APP, ADMIN_URL, ENTRA_CLIENT_ID } = process.env
const byHand = `In the portal: ${ADMIN_WEB_APP} > Role management > Invite, with the role "admin".`

if (onCluster()) await deployToCluster()

if (process.env.HOSTING === 'aks') {
  console.log(`✓ Employees are those who have the app role "admin" in your Entra app. Add ${ADMIN_URL}/sign-in
  to it as a redirect URI of a single-page application.`)
} else if (ENTRA_CLIENT_ID) {
  console.log(`✓ Employees are the members of your groups. In the Entra app, add the redirect URI
  ${ADMIN_URL}/.auth/login/aad/callback`)
} else await invite()

async function invite() {
  const account = await az('account', 'show')
  if (!account?.user?.name)
    return console.log(
      `! Nobody was made an employee: az is missing, or not signed in to this subscription. ${byHand}`,
    )
  if (account.user.type !== 'user')
    return console.log(`! Nobody was made an employee: a pipeline is none. ${byHand}`)
  // So az calls who has a personal account.
  const user = account.user.name.replace(/^live\.com#/, '')
  const of = ['--name', ADMIN_WEB_APP, '--resource-group', AZURE_RESOURCE_GROUP]
  const users = await azList('staticwebapp', 'users', 'list', ...of)
  const known = users?.find(({ displayName }) => displayName?.toLowerCase() === user.toLowerCase())
  if (known?.roles?.split(/, */).includes('admin')) return console.log(`✓ ${user} is an employee`)

  const invitation = await az(
    'staticwebapp',
    'users',
    'invite',
    ...of,
    '--authentication-provider',
    'AAD',
    '--user-details',
    user,
    '--roles',
    'admin',
    '--domain',
    new URL(ADMIN_URL).host,
    '--invitation-expiration-in-hours',
    '168',
  )
  if (!invitation?.invitationUrl) return console.log(`! ${user} could not be invited. ${byHand}`)
  console.log(`✓ ${user} is invited as an employee. Accept within 7 days, signed in as ${user}:
  ${invitation.invitationUrl}`)
  openBrowser(invitation.invitationUrl)
}
