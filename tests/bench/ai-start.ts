/**
 * What the SDK of the models costs a cold start: the time from the start of a process until the app's bundle is loaded,
 * with the SDK in a file of its own as it ships, inside the bundle, and loaded at once as a plain import would.
 * `npm run bench -- ai-start [RUNS]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildOptions } from '../../functions/build.ts'
import { fixedPorts } from '../../local/cloud/ports.ts'
import { localSettings } from '../../local/cloud/settings.ts'
import { median } from '../harness/median.ts'

export default async function run([runs = '15']: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'ai-start-'))
  try {
    const apart = join(folder, 'apart')
    const inside = join(folder, 'inside')
    await build({ ...buildOptions, outdir: apart })
    await build({ ...buildOptions, outdir: inside, plugins: [] })
    const variants = {
      'in a file of its own, not loaded (as it ships)': [join(apart, 'functions.cjs')],
      'inside the bundle, not called': [join(inside, 'functions.cjs')],
      'loaded at once': [join(apart, 'functions.cjs'), join(apart, 'openai.cjs')],
    }
    const times = new Map(Object.keys(variants).map((name) => [name, [] as Sample[]]))
    // In turn, so that a disturbance hits all alike.
    for (let n = 0; n < Number(runs); n++) {
      for (const [name, files] of Object.entries(variants)) times.get(name)?.push(start(files))
    }
    console.log(`The SDK of the models, ${runs} starts each, medians:`)
    for (const [name, samples] of times) {
      const [wall, cpu] = [median(samples.map(({ wall }) => wall)), median(samples.map(({ cpu }) => cpu))]
      console.log(`  ${name.padEnd(48)} ${wall.toFixed(0)} ms (${cpu.toFixed(0)} ms of processor time)`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Sample {
  wall: number
  cpu: number
}

/** Starts a process that loads these files, in milliseconds. */
function start(files: string[]): Sample {
  const code = `
    for (const file of ${JSON.stringify(files)}) require(file)
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    process.stderr.write('\\n' + JSON.stringify({ wall: performance.now(), cpu: (userCPUTime + systemCPUTime) / 1000 }))`
  const { stderr } = spawnSync(process.execPath, ['-e', code], {
    env: { ...process.env, ...localSettings(fixedPorts, { ownFile: false }) },
    encoding: 'utf8',
  })
  return JSON.parse(stderr.split('\n').at(-1) ?? '') as Sample
}
