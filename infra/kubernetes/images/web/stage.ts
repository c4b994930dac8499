/**
 * Stages what the web image's Dockerfile copies, in `dist/kubernetes/web/`: both built apps, and a template of nginx'
 * configuration for each, whose variables the image's start fills in.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nginxConfig, type Site } from './nginxConfig.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const html = '/usr/share/nginx/html'
/** What the image's start replaces by a variable of the environment. */
const variable = (name: string) => `\${${name}}`

const sites: Record<'store' | 'admin', Site> = {
  store: {
    name: 'store',
    port: 8080,
    root: `${html}/store`,
    api: variable('STORE_API'),
    signIn: '{"clientPrincipal":null}',
  },
  admin: {
    name: 'admin',
    port: 8081,
    root: `${html}/admin`,
    api: variable('ADMIN_API'),
    signIn: `{"clientPrincipal":null,"openIdConnect":${variable('OPENID_CONNECT')}}`,
    openId: variable('OPENID_UPSTREAM'),
    connectTo: variable('OPENID_ORIGINS'),
  },
}

/** Stages from the built apps into a folder, which is emptied first. */
export async function stageWeb(folder = join(root, 'dist/kubernetes/web')): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'templates'), { recursive: true })
  for (const [app, site] of Object.entries(sites)) {
    const built = join(root, `web-${app}`, 'dist')
    await cp(built, join(folder, app), { recursive: true })
    const config = JSON.parse(await readFile(join(built, 'staticwebapp.config.json'), 'utf8'))
    await writeFile(join(folder, 'templates', `${app}.conf.template`), nginxConfig(config, site))
  }
  return folder
}
