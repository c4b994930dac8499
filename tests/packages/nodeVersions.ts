/** Node.js of any version, from its npm package. */
import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { npm } from '../../local/packages/build.ts'
import { root } from '../../local/root.ts'

const run = promisify(execFile)

/** The path of a Node.js of this version for this machine: the running one, or one that is fetched once and kept. */
export async function nodeOf(version: string): Promise<string> {
  if (version === process.versions.node) return process.execPath
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const folder = join(root, 'node_modules', '.cache', 'node-versions', version)
  const node = join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  const isWhole = () =>
    run(node, ['--version']).then(
      ({ stdout }) => stdout.trim() === `v${version}`,
      () => false,
    )
  if (await isWhole()) return node
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  await npm(['install', `${name}@${version}`, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  if (!(await isWhole())) throw new Error(`${name}@${version} brought no Node.js of this version`)
  return node
}
