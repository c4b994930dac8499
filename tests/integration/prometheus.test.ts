/** A real Prometheus scrapes the running app: every expression of the dashboard and of the alerts finds its metrics there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@store/contract/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alerts, expressions } from '../../infra/kubernetes/monitoring.ts'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { choosePorts } from '../../local/cloud/ports.ts'
import { principalHeader } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { findPrometheus } from '../harness/prometheus.ts'
import { until } from '../harness/until.ts'

const programs = await findPrometheus()
const token = 'a-token-of-this-test'

describe.skipIf(!programs)('a real Prometheus', () => {
  let cloud: LocalCloud
  let folder: string
  let prometheus: ChildProcess
  let address: string

  beforeAll(async () => {
    cloud = await ownCloud({ settings: { METRICS_TOKEN: token } })
    folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
    const job = {
      job_name: 'store',
      metrics_path: '/api/metrics',
      authorization: { credentials: token },
      static_configs: [{ targets: [new URL(cloud.urls.api).host] }],
    }
    const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: [job] }
    await writeFile(join(folder, 'prometheus.yml'), stringify(config))
    const { api: port } = await choosePorts({})
    address = `http://127.0.0.1:${port}`
    prometheus = spawn(
      programs?.prometheus ?? '',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    )
    await until('Prometheus to be up', () => query('up == 1').catch(() => undefined))
  })
  afterAll(async () => {
    if (prometheus && prometheus.exitCode === null) {
      prometheus.kill()
      await once(prometheus, 'exit')
    }
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  /** The values that an expression has now; undefined when it has none. */
  async function query(expr: string): Promise<number[] | undefined> {
    const response = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const answer = (await response.json()) as {
      status: string
      error?: string
      data: { resultType: string; result: { value: [number, string] }[] }
    }
    if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error}`)
    const values = answer.data.result.map(({ value }) => Number(value[1]))
    return values.length ? values : undefined
  }

  test('finds what the dashboard shows and what the alerts watch', async () => {
    const headers = { 'x-ms-client-principal': principalHeader(['admin']) }
    const api = createClient({ baseUrl: cloud.urls.api, headers })
    const made = 'sum(store_orders_total{store_order_state="pending"})'
    // Twice, with scrapes between: a rate has to see a counter grow.
    for (const count of [1, 2, 3]) {
      const { orderId } = await api.orders.place(
        { customerId: 'c', items: [{ productId: 1, quantity: 1 }] },
        `key-${randomUUID()}`,
      )
      await until('a scrape of the order', async () => ((await query(made))?.[0] ?? 0) >= count)
      await api.makeline.setStatus({ orderId, status: 2 })
    }
    await until(
      'a scrape of the completion',
      async () => ((await query('sum(store_orders_total{store_order_state="complete"})'))?.[0] ?? 0) >= 3,
    )
    for (const expr of expressions) expect(await query(expr), expr).not.toBeUndefined()

    expect(await query('sum(rate(store_orders_total{store_order_state="pending"}[5m])) > 0')).toBeDefined()
    const [accepted, makenInTime] = expressions
    expect(await query(accepted ?? '')).toEqual([1])
    expect((await query(makenInTime ?? ''))?.[0]).toBe(1)

    // What the alerts ask of, but for what only a failure brings.
    const names = new Set(alerts.flatMap(({ expr }) => expr.match(/\b(?:store|http|db|gen_ai)_\w+/g) ?? []))
    const onlyInTrouble = [/^gen_ai_/, /_throttled_/, /^store_broker_dead_letters$/, /^http_route$/]
    const asked = [...names].filter((name) => /_(total|count|bucket|seconds|orders|up)$/.test(name))
    expect(asked.length).toBeGreaterThan(4)
    for (const name of asked)
      if (!onlyInTrouble.some((pattern) => pattern.test(name)))
        expect(await query(`count(${name})`), name).toBeDefined()
  })

  test('has nothing against the names, units and help of what the app tells', async () => {
    const answer = await fetch(`${cloud.urls.api}/api/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const text = await answer.text()
    expect(text).toContain('store_orders_total')
    const lint = (input: string) =>
      spawnSync(programs?.promtool ?? '', ['check', 'metrics'], { input, encoding: 'utf8' })
    expect(lint(text)).toMatchObject({ status: 0, stderr: '', stdout: '' })
    expect(lint('# TYPE a counter\na 1\n').status).not.toBe(0)
  })

  test('is turned away without the token', async () => {
    const response = await fetch(`${cloud.urls.api}/api/metrics`, {
      headers: { authorization: 'Bearer guessed-token-16' },
    })
    expect(response.status).toBe(401)
  })
})
