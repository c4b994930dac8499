/**
 * Builds what `azd` deploys: `dist/azure/functions`, a folder with the bundle and its settings and nothing to install,
 * and the web apps. It is the same folder for every function app; their settings tell them apart.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildIfStale } from '../local/cloud/builds.ts'
import { root } from '../local/root.ts'
import { writeSignIn } from './signIn.ts'

/** Where the package lies, from the root of the repository. */
export const packageFolder = 'dist/azure/functions'

/** Builds the bundle unless it is fresh, and puts the package together anew in a folder. */
export async function stageFunctions(to = join(root, packageFolder)): Promise<void> {
  await buildIfStale('functions')
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  // Without the source maps, which nothing would read there: see "What you see" in docs/azure.md.
  const bundle = (await readdir(join(root, 'dist'))).filter((name) => name.endsWith('.cjs'))
  for (const name of bundle) await cp(join(root, 'dist', name), join(to, name))
  await cp(join(root, 'host.json'), join(to, 'host.json'))
  const { name, version, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const description = { name, version, private: true, type: 'commonjs', main: 'functions.cjs', engines }
  await writeFile(join(to, 'package.json'), `${JSON.stringify(description, null, 2)}\n`)
}

if (import.meta.main) {
  await stageFunctions()
  await buildIfStale('web-store')
  await buildIfStale('web-admin')
  await writeSignIn(join(root, 'web-admin'), process.env)
  console.log(`✓ Built: ${packageFolder}, web-store/dist, web-admin/dist`)
}
