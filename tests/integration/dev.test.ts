/** `npm run dev` as a person has it, on a project that the test may change. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allGone, descendantsOf, runScript, shown } from '../harness/processes.ts'
import { appAnswering, makeSmallProject } from '../harness/smallProject.ts'
import { until } from '../harness/until.ts'

test.skipIf(process.platform === 'win32')(
  'changes are served, faults are not, an editor can attach, and nothing is left behind',
  { timeout: 240_000 },
  async () => {
    const { folder, write } = await makeSmallProject()
    // As an editor that debugs does: it has every Node.js process load a program of its own.
    const attached = join(folder, 'attached.txt')
    await write('attached.txt', '')
    await write(
      'attach.cjs',
      `require('node:fs').appendFileSync(${JSON.stringify(attached)}, process.pid + '\\n')`,
    )
    const run = runScript('commands/dev.ts', ['--any-ports', '--no-types'], {
      cwd: folder,
      env: { NODE_OPTIONS: `--require ${join(folder, 'attach.cjs')}` },
    })
    const [, store, admin] = await shown(run, /Store +(\S+)\s+Admin +(\S+)/)
    const [, health] = await shown(run, /API +(\S+)/)
    const answer = async () => {
      const response = await fetch(`${health}`)
      return response.ok ? await response.text() : response.status
    }
    const answers = (expected: string | number) =>
      until(`the API answers ${expected}`, async () => (await answer()) === expected)

    expect(await answer()).toBe('one')
    expect(await (await fetch(`${store}/api/health`)).text()).toBe('one')
    for (const page of [store, admin])
      expect(await (await fetch(`${page}`)).text()).toContain('/@vite/client')

    // The process that answers has what the editor gave.
    await write('functions/index.ts', appAnswering("' + process.pid + '"))
    const pid = await until('the app tells its process', async () => Number(await answer()) || undefined)
    expect((await readFile(attached, 'utf8')).split('\n')).toContain(String(pid))

    await write('functions/index.ts', appAnswering('two'))
    await answers('two')
    await write('functions/index.ts', 'this is not TypeScript')
    await shown(run, /its last good build keeps serving/)
    await shown(run, /functions\/index\.ts:1:\d+/)
    expect(await answer()).toBe('two')

    // The console is told of what happens, and its faults are for the app that serves, and for the next one.
    const [, console] = await shown(run, /Console +(\S+)/)
    const makeline = `app.serviceBusQueue('makeOrders', {
      connection: 'ServiceBusConnection', queueName: '%OrdersQueue%', handler: async () => {}
    })`
    const state = async () =>
      (await (await fetch(`${console}/api/functions`)).json()) as {
        functions: { name: string; isPaused: boolean }[]
        parts: { starts: number }[]
      }
    const isPaused = async () => (await state()).functions.find(({ name }) => name === 'makeOrders')?.isPaused
    const stopMakeline = (on: boolean) =>
      fetch(`${console}/api/faults/stop-makeline`, { method: 'POST', body: JSON.stringify({ on }) })
    const address = "' + process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '"
    await write('functions/index.ts', appAnswering(address) + makeline)
    await answers(`${console}`.replace('localhost', '127.0.0.1'))
    expect((await stopMakeline(true)).status).toBe(204)
    await until('the makeline is stopped', isPaused)
    await write('functions/index.ts', appAnswering('two') + makeline)
    await answers('two')
    expect(await isPaused()).toBe(true)
    await fetch(`${console}/api/faults/kill-host`, { method: 'POST' })
    await until('the host is back', async () => (await state()).parts.some(({ starts }) => starts === 2))
    await answers('two')
    expect(await isPaused()).toBe(true)
    await stopMakeline(false)
    await until('the makeline is back', async () => !(await isPaused()))

    // Settings are read again, too: made, changed and taken back.
    const settings = JSON.parse(await readFile(join(folder, 'local.settings.sample.json'), 'utf8'))
    const settle = (disabled: string) =>
      write(
        'local.settings.json',
        JSON.stringify({
          ...settings,
          Values: { ...settings.Values, 'AzureWebJobs.health.Disabled': disabled },
        }),
      )
    await settle('true')
    await answers(404)
    await settle('false')
    await answers('two')

    const descendants = descendantsOf(run.child)
    expect(descendants.length).toBeGreaterThanOrEqual(9)
    run.child.kill('SIGINT')
    await allGone(descendants)
    await until('it has ended', () => run.code !== undefined)
    expect(run.code).toBe(0)
  },
)
