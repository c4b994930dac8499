/**
 * The pods without a cluster: exactly the files that the images copy, read-only but for the volume, not as root, under the
 * environment that the chart gives each role. The Functions host is this repository's; Microsoft's image cannot be had here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { choosePorts, type Ports } from '../../../local/cloud/ports.ts'
import { localSettings, type Settings } from '../../../local/cloud/settings.ts'
import { root } from '../../../local/root.ts'
import { clientsOf } from '../../../tests/harness/clients.ts'
import { queuedMessages, storedOrders } from '../../../tests/harness/inside.ts'
import { type Run, runCommand, shown } from '../../../tests/harness/processes.ts'
import { until } from '../../../tests/harness/until.ts'
import { stageFunctions } from '../../package.ts'
import { stageLocalCloud } from '../images/local-cloud/stage.ts'
import { nameOf } from '../objects.ts'
import { renderProfile } from '../profiles.ts'
import { findTool } from '../tools.ts'
import { environmentOf, type PodSpec } from './pods.ts'

const helm = findTool('helm')
/** The user of the images. */
const nobody = 1654
if (!helm) console.log('Skipped: the tests of the pods need helm on the PATH.')

describe.skipIf(!helm || process.platform === 'win32')('the pods', () => {
  let cloud: ChildProcess
  let ports: Ports
  let settings: Settings
  let folder = ''
  const objects = helm ? renderProfile('local') : []
  beforeAll(async () => {
    ports = await choosePorts({})
    settings = localSettings(ports, { ownFile: false })
    folder = await mkdtemp(join(tmpdir(), 'functions-image-'))
    await stageFunctions(join(folder, 'wwwroot'))
    await stageLocalCloud(join(folder, 'local-cloud'))
    await symlink(join(root, 'node_modules'), join(folder, 'local-cloud/node_modules'))
    // The one folder that is a volume.
    await mkdir(join(folder, 'data'))
    if (process.getuid?.() === 0) await chown(join(folder, 'data'), nobody, nobody)
    for (const path of readOnly()) await chmod(path, 0o555)
    cloud = await startCloud()
  })
  afterAll(async () => {
    cloud?.kill('SIGTERM')
    if (cloud?.exitCode === null) await once(cloud, 'exit')
    for (const path of readOnly()) await chmod(path, 0o755)
    await rm(folder, { recursive: true, force: true })
  })

  const readOnly = () => [folder, join(folder, 'wwwroot'), join(folder, 'local-cloud')]

  /** Starts the local cloud's container, without its Functions host and web apps; answers when each of its ports does. */
  async function startCloud(): Promise<ChildProcess> {
    const env = {
      ...process.env,
      DATA: join(folder, 'data'),
      SERVICE_BUS_PORT: String(ports['service-bus']),
      COSMOS_PORT: String(ports.cosmos),
      BLOB_PORT: String(ports.blob),
      SIGN_IN_PORT: String(ports.openai),
      OPENID_ISSUER: 'http://localhost:4281/openid',
      OPENID_CLIENT_ID: 'store-admin',
      OPENID_AUDIENCE: 'https://store.example/api',
    }
    const [program = '', ...args] = [
      ...(await asNobody()),
      process.execPath,
      join(folder, 'local-cloud/main.ts'),
    ]
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    for (const port of [ports['service-bus'], ports.cosmos, ports.blob, ports.openai])
      await until(`port ${port} answers`, () => child.exitCode === null && canConnect(port))
    return child
  }

  /** What the chart gives the container of a role, with the local cloud's addresses here in place of the cluster's. */
  function environment(role: string): Record<string, string> {
    const deployment = objects.find((object) => nameOf(object) === `Deployment ${role}`)
    const workload = deployment?.spec as { template: { spec: PodSpec } } | undefined
    const container = workload?.template.spec.containers[0]
    if (!container) throw new Error(`${role} has no container.`)
    const here = (value: string) =>
      value
        .replace('sb://local-cloud', `sb://localhost:${ports['service-bus']}`)
        .replace('local-cloud:8081', `127.0.0.1:${ports.cosmos}`)
        .replace('local-cloud:10000', `127.0.0.1:${ports.blob}`)
    const given = environmentOf(container, objects)
    return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, here(value)]))
  }

  /** Starts one pod's process; it answers when the host serves. */
  async function pod(role: string, settings: Record<string, string> = {}): Promise<Run & { url: string }> {
    const { api: port } = await choosePorts({})
    const host = join(root, 'local/functions-host/cli.mjs')
    const command = [process.execPath, host, '--app-root', join(folder, 'wwwroot'), '--port', String(port)]
    const asNobody = (await mayBeReadByAll(root))
      ? ['setpriv', '--reuid=1654', '--regid=1654', '--clear-groups']
      : []
    const [program = '', ...args] = [...asNobody, ...command]
    const run = runCommand(program, args, {
      env: { ...environment(role), KUBERNETES_SERVICE_HOST: '10.0.0.1', NODE_COMPILE_CACHE: '', ...settings },
    })
    await shown(run, /Functions host listening on/)
    return Object.assign(run, { url: `http://localhost:${port}` })
  }

  test('an order goes from one pod to the other, and nothing is written to the image', async () => {
    const before = await readdir(join(folder, 'wwwroot'))
    const store = await pod('store')
    await pod('makeline')
    const { customer } = clientsOf({ api: store.url })
    const { orderId } = await customer.orders.place(
      { customerId: 'pods', items: [{ productId: 1, quantity: 2 }] },
      randomUUID(),
    )
    await until(
      'the makeline has it',
      async () => (await customer.orders.track(orderId))?.value.state === 'pending',
    )
    // The store's pod has no employee's route, and no pod is asked without a token.
    expect((await fetch(`${store.url}/api/makeline/orders`)).status).toBe(404)
    const admin = await pod('admin')
    expect((await fetch(`${admin.url}/api/makeline/orders`)).status).toBe(401)
    expect(await readdir(join(folder, 'wwwroot'))).toEqual(before)
  })

  test('the local cloud keeps on its volume what it was told, also when it is stopped and started', async () => {
    const before = await storedOrders(settings)
    expect(before.length).toBeGreaterThan(0)
    cloud.kill('SIGTERM')
    await once(cloud, 'exit')
    expect(cloud.exitCode).toBe(0)
    cloud = await startCloud()
    expect(await storedOrders(settings)).toEqual(before)
    // Its sign-in names the issuer that browsers see, below the path that nginx passes on.
    const about = `http://127.0.0.1:${ports.openai}/openid/.well-known/openid-configuration`
    expect(await (await fetch(about)).json()).toMatchObject({ issuer: 'http://localhost:4281/openid' })
  })

  test('a pod that is told to end in the middle of the work loses nothing and does nothing twice', async () => {
    const store = await pod('store', { ORDERS_PER_MINUTE_PER_CALLER: '100000' })
    const first = await pod('makeline')
    const { customer } = clientsOf({ api: store.url })
    const placed: string[] = []
    for (let number = 0; number < 60; number++) {
      const order = { customerId: `grace-${number}`, items: [{ productId: 1, quantity: 1 }] }
      placed.push((await customer.orders.place(order, randomUUID())).orderId)
      if (number === 30) first.child.kill('SIGTERM')
    }
    await until('the first pod has ended', () => first.code !== undefined)
    expect(first.code).toBe(0)
    await pod('makeline')

    const orders = await until('every order is made', async () => {
      const stored = (await storedOrders(settings)).filter(({ id }) => placed.includes(id))
      return stored.length === placed.length && stored.every(({ state }) => state === 'pending') && stored
    })
    for (const { history } of orders) expect(history.map(({ state }) => state)).toEqual(['placed', 'pending'])
    expect(await queuedMessages(settings, 'deadLetter')).toEqual([])
  })

  test('two pods of a role share a host id, so that each timer runs once and not once a pod', async () => {
    const everySecond = { REPUBLISH_SCHEDULE: '* * * * * *' }
    const pods = [await pod('makeline', everySecond), await pod('makeline', everySecond)]
    const runs = () =>
      pods.map(({ output }) => [...output.matchAll(/republishOrders.*Executed \(Succeeded/g)].length)
    await until('the timer has run five times', () => Math.max(...runs()) >= 5)
    expect(Math.min(...runs())).toBe(0)
  })
})

/** Runs what follows as the images' user, where this is root and that user could read what runs. */
const asNobody = async () =>
  (await mayBeReadByAll(root)) ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const answer = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ])
  socket.destroy()
  return answer
}

/** Whether another user could read the code under test: each folder on the way must let everyone through. */
async function mayBeReadByAll(path: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  for (let folder = path; ; folder = dirname(folder)) {
    if (!((await stat(folder)).mode & 0o001)) return false
    if (folder === dirname(folder)) return true
  }
}
