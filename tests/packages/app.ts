/** The app as it is deployed, under a Node.js of one's choice, by the host that was packed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stageFunctions } from '../../infra/package.ts'
import { startLocalCloud } from '../../local/cloud/cloud.ts'
import { root } from '../../local/root.ts'

/** The oldest Node.js of each major version that `engines` names: `^22.17.0 || ^24.0.0`. */
export async function appVersions(): Promise<string[]> {
  const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  return engines.node.split(' || ').map((range) => {
    const version = /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1]
    if (version === undefined)
      throw new Error(`engines.node of the app: "${range}" is not of the form ^22.17.0`)
    return version
  })
}

/** Asks the app for its products and places an order. */
export async function checkApp(node: string, cli: string): Promise<void> {
  const appRoot = await mkdtemp(join(tmpdir(), 'app-'))
  const cloud = await startLocalCloud({ parts: ['service-bus', 'cosmos', 'blob'] })
  try {
    await stageFunctions(appRoot)
    const host = spawn(node, [cli, '--app-root', appRoot, '--port', '0'], {
      env: { PATH: process.env.PATH, ...cloud.settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const ended = once(host, 'exit')
    let said = ''
    host.stderr?.on('data', (data) => (said += data))
    try {
      const url = await addressOf(host.stdout as NodeJS.ReadableStream)
      if (url === undefined) throw new Error(`the host ended: ${said}`)
      await useStore(url)
    } finally {
      if (host.connected) host.send('stop')
      await ended
    }
  } finally {
    await cloud.stop()
    await rm(appRoot, { recursive: true, force: true })
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: output })
    lines.on('line', (line) => {
      const url = /^Functions host listening on (\S+)$/.exec(line)?.[1]
      if (url) resolve(url)
    })
    lines.on('close', () => resolve(undefined))
  })
}

async function useStore(url: string): Promise<void> {
  const answer = await fetch(`${url}/api/products`)
  if (!answer.ok) throw new Error(`GET /api/products: ${answer.status} ${await answer.text()}`)
  const products = (await answer.json()) as { id: number; price: number }[]
  const items = products.slice(0, 2).map(({ id, price }) => ({ productId: id, quantity: 1, price }))
  const placed = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customerId: '1', items }),
  })
  if (placed.status !== 201) throw new Error(`POST /api/orders: ${placed.status} ${await placed.text()}`)
}
