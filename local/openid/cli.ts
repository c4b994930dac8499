/**
 * The program of the local OpenID provider: `node local/openid/cli.ts PORT FOLDER`. Its key is kept in the folder. Who it
 * is and whom it serves comes from `OPENID_ISSUER`, `OPENID_CLIENT_ID` and `OPENID_AUDIENCE`. Whoever signs in has the role
 * admin, unless the name begins with "guest".
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKey, startOpenIdServer } from './provider.ts'

const [port, folder = '.'] = process.argv.slice(2)
const { OPENID_ISSUER: issuer, OPENID_CLIENT_ID: clientId, OPENID_AUDIENCE: audience } = process.env
if (!port || !issuer || !clientId || !audience) {
  console.error(
    'Needed: the port, and OPENID_ISSUER, OPENID_CLIENT_ID and OPENID_AUDIENCE in the environment.',
  )
  process.exit(1)
}

const file = join(folder, 'openid-key.json')
const key = await readFile(file, 'utf8').then(JSON.parse, async () => {
  const made = await createKey()
  await writeFile(file, JSON.stringify(made), { mode: 0o600 })
  return made
})
const server = await startOpenIdServer({
  ...{ issuer, clientId, audience, key, port: Number(port), host: '0.0.0.0' },
  returnTo: `${new URL(issuer).origin}/sign-in`,
  rolesOf: (name) => (name.startsWith('guest') ? [] : ['admin']),
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop())
console.log(`Sign-in is ready: ${server.issuer}`)
