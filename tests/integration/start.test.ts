/** `npm start` as a person has it: it says what runs, names what is wrong, and leaves nothing behind. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allGone, descendantsOf, runCommand, runScript, shown } from '../harness/processes.ts'
import { until } from '../harness/until.ts'

const start = (...args: string[]) => runScript('bootstrap/run.mjs', ['local/commands/start.ts', ...args])
const npmStart = () => runCommand('npm', ['start', '--', '--any-ports', '--in-memory'])

const addresses = /Store\s+(http:\S+)\s+Admin\s+(http:\S+)/

/** Runs it on any free ports until it shows its addresses. */
async function started({ npm = false } = {}) {
  const run = npm ? npmStart() : start('--any-ports', '--in-memory')
  const [, store = '', admin = ''] = await shown(run, addresses)
  return { ...run, run, store, admin, descendants: descendantsOf(run.child) }
}

test('a taken port is named, with the way to change it, and nothing is started', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await until('it listens', () => server.listening)
  const { port } = server.address() as { port: number }

  const run = start('--any-ports', '--in-memory', `--cosmos-port=${port}`)
  await until('it has ended', () => run.code !== undefined)
  expect(run.code).toBe(1)
  expect(run.output).toContain(`Port ${port} (Cosmos DB) is taken.`)
  expect(run.output).toContain('npm start -- --cosmos-port')
  expect(run.output).not.toContain('✓')
})

const canLookAtProcesses = process.platform !== 'win32'

test('orders outlive a start, a second start on the same folder says that there is a first, and SIGTERM leaves nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'start-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const again = () => start('--any-ports', `--data=${folder}`)
  const end = async (run: ReturnType<typeof start>) => {
    const descendants = canLookAtProcesses ? descendantsOf(run.child) : []
    run.child.kill('SIGTERM')
    await until('it has ended', () => run.code !== undefined)
    if (!canLookAtProcesses) return
    expect(descendants.length).toBeGreaterThanOrEqual(7)
    await allGone(descendants)
    expect(run.code).toBe(0)
  }
  const first = again()
  const [, store = '', admin = ''] = await shown(first, addresses)
  expect(await (await fetch(store)).text()).toContain('<title>Contoso Pet Store</title>')
  expect((await fetch(`${store}/api/products`)).status).toBe(200)
  expect((await fetch(admin)).status).toBe(200)
  for (const part of ['Cosmos DB', 'Service Bus', 'Blob Storage', 'Functions host', 'Store', 'Admin'])
    expect(first.output).toContain(`✓ ${part}`)
  const placed = await fetch(`${store}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: store },
    body: JSON.stringify({ customerId: 'c', items: [{ productId: 1, quantity: 1, price: 1 }] }),
  })
  expect(placed.status).toBe(201)
  const { orderId } = (await placed.json()) as { orderId: string }

  const second = again()
  await until('the second has ended', () => second.code !== undefined)
  expect(second.code).toBe(1)
  expect(second.output).toContain(`A local cloud runs on ${folder} already`)
  await end(first)

  const third = again()
  const [, later] = await shown(third, addresses)
  expect(third.output).toContain('with what was kept')
  expect((await fetch(`${later}/api/orders/${orderId}`)).status).toBe(200)
  await end(third)
}, 240_000)

describe.skipIf(!canLookAtProcesses)('what is left of the process tree', () => {
  test('a part that dies is started again, and no other ends with it', async () => {
    const { run, store, descendants } = await started()
    const kill = (program: string) => {
      const part = descendantsOf(run.child).find(({ command }) => command.includes(program))
      process.kill(part?.pid ?? -1, 'SIGKILL')
    }
    for (const [program, title] of [
      ['functions-host/cli.mjs', 'Functions host'],
      ['cosmos/cli.mjs', 'Cosmos DB'],
      ['static-web-app/cli.ts', 'Store'],
      ['service-bus/cli.mjs', 'Service Bus'],
    ] as const) {
      kill(program)
      await shown(run, new RegExp(`${title}.* ended by SIGKILL(.|\\n)*started again(.|\\n)*✓ ${title}`))
    }
    expect(run.output).toContain('| Service Bus accepts connections')
    expect(run.output).toContain('what it held in memory only is gone')
    await until('the store is whole', async () => (await fetch(`${store}/api/products`)).status === 200)
    descendants.push(...descendantsOf(run.child))
    expect(run.code).toBe(undefined)

    run.child.kill('SIGTERM')
    await allGone(descendants)
    await until('it has ended', () => run.code !== undefined)
    expect(run.code).toBe(0)
  })

  test('it outlives its terminal when its output goes elsewhere, as under nohup, and ends when told to', async () => {
    const { run, store, descendants } = await started({ npm: true })
    // What a terminal that is closed tells all that was started in it.
    process.kill(-(run.child.pid ?? 0), 'SIGHUP')
    await until('npm has ended', () => run.child.signalCode !== null || run.child.exitCode !== null)
    // Longer than the bootstrap takes to see that its parent is gone.
    await wait(1500)
    expect((await fetch(`${store}/api/products`)).status).toBe(200)

    const bootstrap = descendants.find(({ command }) => /^\S*node local.bootstrap.run.mjs/.test(command))
    process.kill(bootstrap?.pid ?? -1, 'SIGTERM')
    await allGone(descendants)
  })

  test('nothing when the whole is killed and cannot tidy up', async () => {
    const { run, descendants } = await started()
    run.child.kill('SIGKILL')
    await allGone(descendants)
  })
})
