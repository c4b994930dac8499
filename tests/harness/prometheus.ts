/** Prometheus and its `promtool`: of the machine or, where tests must not be left out, of Debian's package. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installDebian } from './debian.ts'

const programs = ['prometheus', 'promtool'] as const
type Programs = Record<(typeof programs)[number], string>

/** Where the programs are; undefined on a laptop that has none, which is said once. */
export async function findPrometheus(): Promise<Programs | undefined> {
  const found = onPath()
  if (found) return found
  if (process.env.CI) {
    await installDebian('prometheus')
    const installed = onPath()
    if (installed) return installed
    throw new Error("Debian's package prometheus was installed, and its programs are not on the PATH.")
  }
  console.warn('Skipped: there is no prometheus with promtool on the PATH (apt-get install prometheus).')
  return undefined
}

function onPath(): Programs | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const paths = programs.map((program) =>
    folders.map((folder) => join(folder, program)).find((file) => existsSync(file)),
  )
  const [prometheus, promtool] = paths
  return prometheus && promtool ? { prometheus, promtool } : undefined
}
