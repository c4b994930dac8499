/** `npm run start:func` with a stand-in for `func`: how that is started, what it gets, and how all of it ends. */
import { access, chmod, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { allGone, descendantsOf, runScript, shown } from '../harness/processes.ts'
import { makeSmallProject } from '../harness/smallProject.ts'
import { until } from '../harness/until.ts'

/** Answers every request with its arguments and environment; ends with code 3 when asked to, else at SIGINT alone. */
const standIn = `#!/usr/bin/env node
import { createServer } from 'node:http'
const [, , ...args] = process.argv
const port = Number(args[args.indexOf('--port') + 1])
createServer((request, response) => {
  response.end(JSON.stringify({ args, cwd: process.cwd(), env: process.env }))
  if (request.url === '/crash') process.exit(3)
}).listen(port, '127.0.0.1')
process.on('SIGTERM', () => {})
process.on('SIGINT', () => {
  console.log('func has stopped')
  process.exit(0)
})
`

async function start(folder: string, ...args: string[]) {
  const run = runScript('commands/startFunc.ts', ['--any-ports', ...args], {
    cwd: folder,
    env: { PATH: [join(folder, 'tools'), dirname(process.execPath), process.env.PATH].join(delimiter) },
  })
  const [, store = ''] = await shown(run, /^ {2}Store +(http\S+)$/m)
  const told = (await (await fetch(`${store}/api/health`)).json()) as {
    args: string[]
    cwd: string
    env: Record<string, string>
  }
  const ended = async () => {
    await until('it has ended', () => run.code !== undefined)
    return run.code
  }
  return { run, told, descendants: descendantsOf(run.child), ended }
}

test.skipIf(process.platform === 'win32')(
  'the real host gets the app and the addresses of the local cloud, can be debugged, and all end together',
  { timeout: 240_000 },
  async () => {
    const { folder, write } = await makeSmallProject()
    await write('tools/func', standIn)
    await chmod(join(folder, 'tools', 'func'), 0o755)

    const first = await start(folder, '--inspect')
    const { args, cwd, env } = first.told
    expect(args.slice(0, 2)).toEqual(['start', '--port'])
    expect(cwd).toBe(folder)
    const [, cosmos] = await shown(first.run, /Cosmos DB +http:\/\/localhost:(\d+)/)
    expect(env.CosmosConnection).toContain(`:${cosmos}/`)
    expect(env.languageWorkers__node__arguments).toBe('--inspect=127.0.0.1:9229')
    // What the app is made of, and the settings file without which `func` asks for its language.
    await access(join(folder, 'dist', 'functions.cjs'))
    expect(await readFile(join(folder, 'local.settings.json'), 'utf8')).toContain('FUNCTIONS_WORKER_RUNTIME')

    expect(first.descendants.length).toBeGreaterThanOrEqual(6)
    first.run.child.kill('SIGTERM')
    expect(await first.ended()).toBe(0)
    expect(first.run.output).toContain('func has stopped')
    await allGone(first.descendants)

    // Without a debugger, and with a host that ends by itself.
    const second = await start(folder)
    expect(second.told.env).not.toHaveProperty('languageWorkers__node__arguments')
    await fetch(`http://127.0.0.1:${second.told.args[2]}/crash`).catch(() => {})
    expect(await second.ended()).toBe(3)
    expect(second.run.output).toContain('func start ended with code 3.')
    await allGone(second.descendants)
  },
)
