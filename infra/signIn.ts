/**
 * The employees' sign-in by a company's own Entra app, in place of the built-in one: it is written into the admin's built
 * `staticwebapp.config.json`, since who signs people in is a matter of where the store runs.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const id = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/**
 * Writes the built app's configuration: the source's, and with `ENTRA_CLIENT_ID` the sign-in by that app.
 * @throws {Error} naming a setting that is missing or wrong.
 */
export async function writeSignIn(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const config = JSON.parse(await readFile(join(folder, 'staticwebapp.config.json'), 'utf8'))
  const clientId = env.ENTRA_CLIENT_ID
  // A pipeline's variable that is not set is empty.
  const tenant = env.ENTRA_TENANT_ID || env.AZURE_TENANT_ID
  if (clientId) {
    for (const [name, value] of Object.entries({ ENTRA_CLIENT_ID: clientId, ENTRA_TENANT_ID: tenant }))
      if (!id.test(value ?? ''))
        throw new Error(`${name} is no id: it is a GUID, from the page of the Entra app`)
    if (!env.ADMIN_GROUPS)
      throw new Error('ADMIN_GROUPS is not set: the ids of the groups whose members are employees')
    config.auth = {
      rolesSource: '/api/roles',
      identityProviders: {
        azureActiveDirectory: {
          registration: {
            openIdIssuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
            clientIdSettingName: 'ENTRA_CLIENT_ID',
            clientSecretSettingName: 'ENTRA_CLIENT_SECRET',
          },
        },
      },
    }
  }
  await writeFile(join(folder, 'dist', 'staticwebapp.config.json'), `${JSON.stringify(config, null, 2)}\n`)
}
