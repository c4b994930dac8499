/**
 * What the web apps cost a visitor: `npm run bench -- web [--no-lighthouse]`. First load: everything that a page itself
 * asks for until the network is quiet, nothing cached, compressed as Azure Static Web Apps does. Lighthouse comes by
 * `npx`, five runs a page, since its verdict varies with what else the machine is doing.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { buildIfStale } from '../../local/cloud/builds.ts'
import { startLocalCloud } from '../../local/cloud/cloud.ts'
import { findChromium } from '../harness/chromium.ts'
import { clientsOf } from '../harness/clients.ts'
import { median } from '../harness/median.ts'
import { serveStaticWebApp } from '../harness/staticWebApp.ts'

const lighthouse = 'lighthouse@13'
const runs = 5

export default async function bench(args: string[]): Promise<void> {
  const browserPath = await findChromium()
  const cloud = await startLocalCloud({ parts: ['host', 'service-bus', 'cosmos', 'blob'] })
  try {
    const pages = {
      'web-store': ['/', '/product/7', '/cart', '/orders', await orderPage(cloud.urls)],
      'web-admin': ['/orders', '/products', '/dashboard'],
    }
    for (const app of ['web-store', 'web-admin'] as const) {
      await buildIfStale(app)
      const site = await serveStaticWebApp(app, cloud.urls.api, app === 'web-admin' ? ['admin'] : [])
      try {
        for (const path of pages[app])
          console.log(`${app} ${path}: ${await firstLoad(browserPath, site.url + path)}`)
        if (args.includes('--no-lighthouse')) continue
        for (const path of pages[app])
          console.log(`${app} ${path}: Lighthouse ${await scores(browserPath, site.url + path)}`)
      } finally {
        await site.close()
      }
    }
  } finally {
    await cloud.stop()
  }
}

/** Where an order is followed that has been placed and waits to be made. */
async function orderPage(urls: { api: string }): Promise<string> {
  const order = { customerId: 'bench', items: [{ productId: 7, quantity: 1 }] }
  const { orderId } = await clientsOf(urls).customer.orders.place(order, randomUUID())
  return `/order/${orderId}`
}

/** Bytes over the wire by kind, bodies as they were sent (compressed). */
async function firstLoad(browserPath: string, url: string): Promise<string> {
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ serviceWorkers: 'block', viewport: { width: 390, height: 844 } })
    const bytes = new Map<string, number>()
    let requests = 0
    page.on('requestfinished', async (request) => {
      requests++
      const { responseBodySize } = await request.sizes()
      const kind = request.resourceType()
      bytes.set(kind, (bytes.get(kind) ?? 0) + responseBodySize)
    })
    await page.goto(url, { waitUntil: 'networkidle' })
    const kb = (kind: string) => ((bytes.get(kind) ?? 0) / 1000).toFixed(1)
    const total = bytes.values().reduce((sum, size) => sum + size, 0)
    return `JavaScript ${kb('script')} KB, CSS ${kb('stylesheet')} KB, fonts ${kb('font')} KB, pictures ${kb('image')} KB, in all ${(total / 1000).toFixed(1)} KB in ${requests} requests`
  } finally {
    await browser.close()
  }
}

/** Lighthouse's scores of a page on its slow phone, category by category. */
async function scores(browserPath: string, url: string): Promise<string> {
  const seen = new Map<string, number[]>()
  for (let run = 0; run < runs; run++)
    for (const [title, score] of await audit(browserPath, url))
      seen.set(title, [...(seen.get(title) ?? []), score])
  return [...seen]
    .map(([title, scores]) => {
      const [least, most] = [Math.min(...scores), Math.max(...scores)]
      return `${title} ${median(scores)}${least === most ? '' : ` (${least}–${most})`}`
    })
    .join(', ')
}

/** One run: each category's title with its score, 0 to 100. */
async function audit(browserPath: string, url: string): Promise<[string, number][]> {
  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-'))
  try {
    const report = join(folder, 'report.json')
    const flags = '--headless=new --no-sandbox --disable-gpu'
    await promisify(execFile)(
      'npx',
      [
        '--yes',
        lighthouse,
        url,
        '--quiet',
        '--output=json',
        `--output-path=${report}`,
        `--chrome-flags="${flags}"`,
      ],
      {
        env: { ...process.env, CHROME_PATH: browserPath },
        shell: process.platform === 'win32',
        maxBuffer: 1 << 26,
      },
    )
    const { categories } = JSON.parse(await readFile(report, 'utf8')) as {
      categories: Record<string, { title: string; score: number }>
    }
    return Object.values(categories).map(({ title, score }) => [title, Math.round(score * 100)])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
