/**
 * `npm test`: every check of the repository; `npm test -- NAME…` runs those that are named. It goes on after a failure,
 * and ends with one line, `N passed, N failed`, and a matching exit code. A check such as the linter counts as one, a
 * test suite as its tests; one that crashes counts as a failure.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildIfStale } from '../local/cloud/builds.ts'
import { root } from '../local/root.ts'
import { dotnetSuites, dotnetVersion } from './dotnet.ts'

interface Count {
  passed: number
  failed: number
}

type Step = () => Promise<Count>

/**
 * Lanes run side by side, the steps of a lane one after the other. The longest has the three suites that take most, and
 * ends with the one that drives a browser: by then the others have ended. What mostly waits (npm's installations, .NET's
 * clocks) leaves the machine to the others meanwhile.
 */
const lanes: Record<string, Step>[] = [
  {
    unit: () => suite('unit', 2),
    integration: () => suite('integration', 3),
    browser: () => suite('browser', 3),
  },
  {
    types: () => check('types'),
    lint: () => check('lint'),
    imports: () => check('imports'),
    packages,
    infra: () => suite('infra', 2),
  },
  { dotnet },
]

const names = process.argv.slice(2)
const known = lanes.flatMap((lane) => Object.keys(lane))
const unknown = names.filter((name) => !known.includes(name))
if (unknown.length) {
  console.error(`There is no check "${unknown.join('", "')}". There are: ${known.join(', ')}.`)
  process.exit(1)
}

let built: Promise<unknown> | undefined
/** Builds what checks run, once and before the first of them: side by side they would build it into one another. */
const build = () =>
  (built ??= Promise.all(
    (['functions', 'web-store', 'web-admin', 'console'] as const).map(buildIfStale),
  ).catch(
    // Whoever needs it says so again, and fails.
    (error: Error) => console.log(error.message),
  ))

/** The commands that run now; they end with this process. */
const running = new Set<ChildProcess>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    for (const child of running) child.kill(signal)
    process.exit(1)
  })
process.on('disconnect', () => {
  for (const child of running) child.kill()
  process.exit(1)
})

const total: Count = { passed: 0, failed: 0 }
const failing: string[] = []
await Promise.all(lanes.map(runLane))
if (failing.length) console.log(`\nFailing: ${failing.join(', ')}. One alone: npm test -- ${failing[0]}`)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed ? 1 : 0)

async function runLane(steps: Record<string, Step>): Promise<void> {
  for (const [name, step] of Object.entries(steps)) {
    if (names.length && !names.includes(name)) continue
    const begin = performance.now()
    const count = await step()
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    console.log(
      `${count.failed ? '✗' : '✓'} ${name} (${count.passed} passed, ${count.failed} failed, ${seconds} s)`,
    )
    total.passed += count.passed
    total.failed += count.failed
    if (count.failed) failing.push(name)
  }
}

/** Installs and uses the packages of the local cloud: npm has to reach its registry, or a laptop goes without. */
async function packages(): Promise<Count> {
  if (!process.env.CI && (await run('npm', ['ping'], { show: false })).code !== 0) {
    console.log('npm does not reach its registry: the packages are not installed and tried.')
    return { passed: 0, failed: 0 }
  }
  await build()
  const script = join(root, 'tests', 'packages', 'run.ts')
  const { code, output } = await run(process.execPath, [script], { show: false })
  const lines = output.split('\n')
  const failed = lines.filter((line) => line.startsWith('✗ ')).length
  if (code !== 0) console.log(output.trimEnd())
  return {
    passed: lines.filter((line) => line.startsWith('✓ ')).length,
    failed: code === 0 ? 0 : Math.max(1, failed),
  }
}

/** Runs the suites in C#: a laptop without .NET goes without them, and says so. */
async function dotnet(): Promise<Count> {
  const total = { passed: 0, failed: 0 }
  if ((await dotnetVersion()) === undefined) {
    console.log('There is no .NET SDK on the PATH: the scenarios in C# are skipped.')
    return { ...total, failed: process.env.CI ? 1 : 0 }
  }
  await Promise.all(
    dotnetSuites.map(async (folder) => {
      const { code, output } = await run(process.execPath, [join(root, folder, 'run.ts')], { show: false })
      const lines = output.split('\n')
      const failed = lines.filter((line) => line.startsWith('✗ '))
      total.passed += lines.filter((line) => line.startsWith('✓ ')).length
      total.failed += failed.length
      if (code === 0) return
      if (failed.length === 0) total.failed++
      console.log(failed.length === 0 ? output.trimEnd() : failed.join('\n'))
    }),
  )
  return total
}

/** Runs a script of package.json, and shows what it wrote if it fails. */
async function check(script: string): Promise<Count> {
  const { code, output } = await run('npm', ['run', '--silent', script], { show: false })
  if (code !== 0) console.log(output.trimEnd())
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Runs a project of `vitest.config.ts` with so many workers: one more than there are processors where they often wait. */
async function suite(project: string, workers: number): Promise<Count> {
  await build()
  const report = join(root, '.local', `${project}-tests.json`)
  await mkdir(join(root, '.local'), { recursive: true })
  await rm(report, { force: true })
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { code } = await run(
    process.execPath,
    [
      vitest,
      'run',
      '--project',
      project,
      `--maxWorkers=${workers}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { show: true },
  )
  const { numPassedTests: passed, numFailedTests: failed } = await readFile(report, 'utf8').then(
    (text) => JSON.parse(text) as { numPassedTests: number; numFailedTests: number },
    () => ({ numPassedTests: 0, numFailedTests: 0 }),
  )
  // A file that cannot be loaded or an error outside any test fails the run without failing a test.
  return { passed, failed: code === 0 ? failed : Math.max(1, failed) }
}

/** Runs a command in the repository; `show`: what it writes is shown at once, else it is kept. */
function run(command: string, args: string[], { show }: { show: boolean }) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      shell: process.platform === 'win32' && command === 'npm',
      stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
    const end = (code: number | null, text: string) => {
      running.delete(child)
      resolve({ code: code ?? 1, output: text })
    }
    child.once('error', (error) => end(1, error.message))
    child.once('close', (code) => end(code, output))
  })
}
