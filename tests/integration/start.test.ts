/** `npm start` as a person has it: it says what runs, names what is wrong, and leaves nothing behind. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { root } from '../../local/root.ts'
import { until } from '../harness/until.ts'

/** Runs `npm start`'s command, and collects what it writes. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ['local/setup.mjs', 'local/start.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const run = { child, output: '', code: undefined as number | null | undefined }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (run.output += data))
  child.once('close', (code) => (run.code = code))
  return run
}

const addresses = /Store\s+(http:\S+)\s+Admin\s+(http:\S+)/

/** Runs it on any free ports until it shows its addresses. */
async function started() {
  const run = start('--any-ports')
  await until('the addresses are shown', () => addresses.test(run.output) || run.code !== undefined, 120)
  const [, store = '', admin = ''] = addresses.exec(run.output) ?? []
  if (!store) throw new Error(run.output)
  return { ...run, run, store, admin, descendants: descendantsOf(run.child) }
}

/** All processes below this one, with their command lines. */
function descendantsOf({ pid }: ChildProcess): { pid: number; command: string }[] {
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

const allGone = (processes: { pid: number }[]) =>
  until('every process has ended', () => processes.every(({ pid }) => !isAlive(pid)))

test('a taken port is named, with the way to change it, and nothing is started', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await until('it listens', () => server.listening)
  const { port } = server.address() as { port: number }

  const run = start('--any-ports', `--cosmos-port=${port}`)
  await until('it has ended', () => run.code !== undefined)
  expect(run.code).toBe(1)
  expect(run.output).toContain(`Port ${port} (Cosmos DB) is taken.`)
  expect(run.output).toContain('npm start -- --cosmos-port')
  expect(run.output).not.toContain('✓')
})

describe.skipIf(process.platform === 'win32')('what is left of the process tree', () => {
  test('nothing after SIGTERM, once both web apps and the API behind them were served', async () => {
    const { run, store, admin, descendants } = await started()
    expect(await (await fetch(store)).text()).toContain('<title>Contoso Pet Store</title>')
    expect((await fetch(`${store}/api/products`)).status).toBe(200)
    expect((await fetch(admin)).status).toBe(200)
    for (const part of ['Cosmos DB', 'Service Bus', 'Blob Storage', 'Functions host', 'Store', 'Admin'])
      expect(run.output).toContain(`✓ ${part}`)
    expect(descendants.length).toBeGreaterThanOrEqual(7)

    run.child.kill('SIGTERM')
    await allGone(descendants)
    await until('it has ended', () => run.code !== undefined)
    expect(run.code).toBe(0)
  })

  test('nothing when a part dies: it is named with its last words, and the code is not zero', async () => {
    const { run, descendants } = await started()
    const broker = descendants.find(({ command }) => command.includes('service-bus/cli.ts'))
    process.kill(broker?.pid ?? -1, 'SIGKILL')

    await allGone(descendants)
    await until('it has ended', () => run.code !== undefined)
    expect(run.code).toBe(1)
    expect(run.output).toContain('Service Bus ended by SIGKILL. Its last output:')
    expect(run.output).toContain('| Service Bus accepts connections')
  })

  test('nothing when the whole is killed and cannot tidy up', async () => {
    const { run, descendants } = await started()
    run.child.kill('SIGKILL')
    await allGone(descendants)
  })
})
