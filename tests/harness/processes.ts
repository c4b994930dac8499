/** The commands of this repository as a person runs them: what they write, and the processes that they start. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { root } from '../../local/root.ts'
import { until } from './until.ts'

export interface Run {
  child: ChildProcess
  output: string
  /** The exit code, once there is one. */
  code: number | null | undefined
}

export interface RunOptions {
  /** The folder of the project, if not this repository. */
  cwd?: string
  /** Environment beside this process's own. */
  env?: Record<string, string>
}

/** Runs a file of `local/`, and collects what it writes; the end of the test ends it, if nothing else has. */
export const runScript = (file: string, args: string[], options?: RunOptions): Run =>
  runCommand(process.execPath, [`local/${file}`, ...args], options)

/** Runs any command in a process group of its own, as a shell does. */
export function runCommand(command: string, args: string[], { cwd = root, env = {} }: RunOptions = {}): Run {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const run: Run = { child, output: '', code: undefined }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (run.output += data))
  child.once('close', (code) => (run.code = code))
  return run
}

/** Waits until it has written what matches. */
export async function shown(run: Run, text: RegExp): Promise<RegExpExecArray> {
  await until(`it writes ${text}`, () => text.test(run.output) || run.code !== undefined, 120)
  const match = text.exec(run.output)
  if (!match) throw new Error(run.output)
  return match
}

/** All processes below this one, with their command lines. */
export function descendantsOf({ pid }: ChildProcess): { pid: number; command: string }[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,command='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, own, parent, command = '']) => ({ pid: Number(own), parent: Number(parent), command }))
  const below = (parent: number): typeof all =>
    all.filter((process) => process.parent === parent).flatMap((child) => [child, ...below(child.pid)])
  return below(pid ?? -1)
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export const allGone = (processes: { pid: number }[]) =>
  until('every process has ended', () => processes.every(({ pid }) => !isAlive(pid)))
