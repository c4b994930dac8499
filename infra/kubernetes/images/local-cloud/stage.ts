/**
 * Stages what the local-cloud image's Dockerfile copies: the servers of `local/`, the definitions that they read, and the
 * packages that they need at the versions of this repository's lock file.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const servers = ['local/service-bus', 'local/cosmos', 'local/openid']
const definitions = ['infra/service-bus.json', 'infra/cosmos.json']
/** What the servers need beside the dependencies that they declare. */
const further = ['azurite', 'oidc-provider', 'jose']

const read = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'))
const forTests = /^(tests|fixtures|node_modules|.*\.test\.ts)$/

/** Stages into a folder, which is emptied first. */
export async function stageLocalCloud(folder = join(root, 'dist/kubernetes/local-cloud')): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const path of [...servers, ...definitions])
    await cp(join(root, path), join(folder, path), {
      recursive: true,
      filter: (source) => !forTests.test(basename(source)),
    })
  await cp(join(root, 'infra/kubernetes/images/local-cloud/main.ts'), join(folder, 'main.ts'))

  const declared = await Promise.all(
    servers.map((server) => read(`${server}/package.json`).catch(() => ({}))),
  )
  const names = new Set([
    ...further,
    ...declared.flatMap(({ dependencies = {} }) => Object.keys(dependencies)),
  ])
  const { packages } = await read('package-lock.json')
  const dependencies = Object.fromEntries(
    [...names].sort().map((name) => [name, packages[`node_modules/${name}`].version]),
  )
  const description = { name: 'store-local-cloud', private: true, type: 'module', dependencies }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`)
  return folder
}
