/**
 * A project with the commands of this one, and next to nothing to run: what a test may change while others run. Its app
 * answers `GET /api/health`; its web apps are a page each. Its packages are this repository's, so its commands are run
 * without the bootstrap, which might install others.
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ownApart } from '../../functions/build.ts'
import { root } from '../../local/root.ts'

const copied = [
  ...['local', 'functions/build.ts', 'infra/cosmos.json', 'infra/service-bus.json'],
  ...['host.json', 'local.settings.sample.json', 'package.json', 'package-lock.json'],
]

export const appAnswering = (answer: string) => `
import { app } from '@azure/functions'
app.get('health', { handler: async () => ({ body: '${answer}' }) })
`

export async function makeSmallProject() {
  const folder = await mkdtemp(join(tmpdir(), 'small-project-'))
  onTestFinished(() => rm(folder, { recursive: true, maxRetries: 5, retryDelay: 200 }))
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  // Tests of the host make and delete folders in there while this copies.
  const filter = (path: string) => !basename(path).startsWith('tmp-')
  for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true, filter })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await write('functions/index.ts', appAnswering('one'))
  for (const name of ownApart) await write(`functions/platform/telemetry/${name}.ts`, 'export {}')
  await mkdir(join(folder, 'contract'))
  await mkdir(join(folder, 'web-ui'))
  await rm(join(folder, 'local/console/page'), { recursive: true })
  await write('local/console/page/index.html', '<title>console</title>')
  for (const app of ['web-store', 'web-admin']) {
    await write(`${app}/index.html`, `<title>${app}</title>`)
    await write(`${app}/staticwebapp.config.json`, '{}')
    await write(`${app}/public/staticwebapp.config.json`, '{}')
  }
  return { folder, write }
}
