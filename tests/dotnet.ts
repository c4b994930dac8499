/** Suites in C#: projects that share `tests/dotnet/`, build to `.local/dotnet/NAME` and print `✓ name` or `✗ name: why` for each scenario. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../local/root.ts'

/** The folders that hold such a suite: a C# project, and a `run.ts` that starts what it needs and runs it. */
export const dotnetSuites = ['local/service-bus/tests/dotnet', 'local/cosmos/tests/dotnet'] as const

let running: ChildProcess | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => running?.kill())

/** The version of the .NET SDK on the PATH; undefined when there is none. */
export async function dotnetVersion(): Promise<string | undefined> {
  const { code, output } = await run(['--version'], {})
  return code === 0 ? output.trim() : undefined
}

/** Builds the project in a folder where its sources changed, runs it with these arguments and environment, and returns its exit code. */
export async function runProject(
  folder: string,
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const version = await dotnetVersion()
  if (version === undefined) throw new Error('There is no .NET SDK on the PATH.')
  const target = `net${version.split('.')[0]}.0`
  const output = join(root, '.local', 'dotnet', name)
  const stamp = join(output, 'built')
  const sources = await hashOf(folder, version)
  const isBuilt =
    (await readFile(stamp, 'utf8').catch(() => '')) === sources && (await isWhole(join(output, 'bin')))
  if (!isBuilt) {
    const quiet = ['--nologo', '--verbosity', 'quiet']
    const build = () => run(['build', folder, '-c', 'Release', ...quiet, `-p:TargetFramework=${target}`], {})
    let built = await build()
    if (built.code === 0 && !(await isWhole(join(output, 'bin')))) {
      // A build that was interrupted leaves files that the next one takes for finished.
      await rm(output, { recursive: true, force: true })
      built = await build()
    }
    if (built.code !== 0) {
      console.log(`✗ ${name}: the project does not build\n${built.output}`)
      return 1
    }
    await writeFile(stamp, sources)
  }
  const program = join(output, 'bin', 'Conformance.dll')
  const { code } = await run([program, ...args], { env, show: true })
  return code
}

/** What a build follows from: the SDK, the project's files and those that the suites share. */
async function hashOf(folder: string, version: string): Promise<string> {
  const hash = createHash('sha256').update(version)
  for (const sources of [folder, join(root, 'tests', 'dotnet')]) {
    const names = (await readdir(sources)).filter((name) => /\.(cs|csproj|props)$/.test(name)).sort()
    for (const name of names) hash.update(JSON.stringify([name, await readFile(join(sources, name), 'utf8')]))
  }
  return hash.digest('hex')
}

/** Whether what .NET starts a program by is all there. */
async function isWhole(bin: string): Promise<boolean> {
  try {
    for (const kind of ['runtimeconfig', 'deps'])
      JSON.parse(await readFile(join(bin, `Conformance.${kind}.json`), 'utf8'))
    return (await stat(join(bin, 'Conformance.dll'))).size > 0
  } catch {
    return false
  }
}

function run(
  args: readonly string[],
  { env = {}, show = false }: { env?: Readonly<Record<string, string>>; show?: boolean },
) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn('dotnet', args, {
      env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', ...env },
      stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    running = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
    child.once('error', (error) => resolve({ code: 127, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
