/** `npm start` as a person has it: it says what runs, names what is wrong, and leaves nothing behind. */
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allGone, descendantsOf, runScript, shown } from '../harness/processes.ts'
import { until } from '../harness/until.ts'

const start = (...args: string[]) => runScript('setup.mjs', ['local/start.ts', ...args])

const addresses = /Store\s+(http:\S+)\s+Admin\s+(http:\S+)/

/** Runs it on any free ports until it shows its addresses. */
async function started() {
  const run = start('--any-ports')
  const [, store = '', admin = ''] = await shown(run, addresses)
  return { ...run, run, store, admin, descendants: descendantsOf(run.child) }
}

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
    const { run, store, descendants } = await started()
    const kill = (program: string) => {
      const part = descendants.find(({ command }) => command.includes(program))
      process.kill(part?.pid ?? -1, 'SIGKILL')
    }
    // But for what runs the app: that is started again, and the others stay with all that they hold.
    kill('functions-host/cli.mjs')
    await shown(run, /Functions host has ended; it is started again(.|\n)*✓ Functions host/)
    expect((await fetch(`${store}/api/products`)).status).toBe(200)
    descendants.push(...descendantsOf(run.child))
    expect(run.code).toBe(undefined)

    kill('service-bus/cli.ts')

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
