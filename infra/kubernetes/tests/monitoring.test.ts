/**
 * What the chart gives to those who watch the store. Rules and expressions are checked and tried by Prometheus' own
 * `promtool`; what the expressions answer over the running app is in tests/integration/prometheus.test.ts.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findPrometheus } from '../../../tests/harness/prometheus.ts'
import { runbook, runbookWords } from '../../../tests/harness/runbook.ts'
import { alerts, expressions, rulesFile } from '../monitoring.ts'
import { renderProfile } from '../profiles.ts'
import { findTool } from '../tools.ts'
import { type Pod, podsOf, portOf } from './pods.ts'
import { allowed } from './policies.ts'
import { typeFaults } from './strictTypes.ts'
import { wiringFaults } from './wiring.ts'

const token = '0123456789abcdef'
const withMonitoring = (values: object = {}) =>
  renderProfile('aks-secure', { monitoring: { prometheus: 'azure', token, ...values } })

describe.skipIf(!findTool('helm'))('the chart, where somebody watches', () => {
  test.each(['azure', 'operator'])('with the Prometheus of %s, satisfies the types', (prometheus) => {
    const objects = withMonitoring({ prometheus, dashboard: true })
    expect(typeFaults(objects)).toEqual([])
    const kinds = objects.map(({ kind }) => kind)
    expect(kinds).toContain('PodMonitor')
    expect(kinds.includes('PrometheusRule')).toBe(prometheus === 'operator')
    const misspelt = structuredClone(objects)
    const monitor = misspelt.find(({ kind }) => kind === 'PodMonitor')
    Object.assign(monitor?.spec ?? {}, { podMetricEndpoints: [] })
    expect(typeFaults(misspelt)).toHaveLength(1)
  })

  test('its monitor selects the pods of the function app and no others, at a port that they have, with their token', () => {
    const objects = withMonitoring()
    const spec = objects.find(({ kind }) => kind === 'PodMonitor')?.spec as {
      selector: { matchLabels: Record<string, string>; matchExpressions: { key: string; values: string[] }[] }
      podMetricsEndpoints: {
        port: string
        path: string
        authorization: { credentials: { name: string; key: string } }
      }[]
    }
    const isSelected = ({ labels }: Pod) =>
      Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value) &&
      spec.selector.matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
    const selected = podsOf(objects).filter(isSelected)
    expect(selected.map(({ owner }) => owner).sort()).toEqual([
      'Deployment admin',
      'Deployment makeline',
      'Deployment store',
    ])
    const [endpoint] = spec.podMetricsEndpoints
    expect(endpoint?.path).toBe('/api/metrics')
    const secret = objects.find(({ kind }) => kind === 'Secret') as unknown as {
      metadata: { name: string }
      stringData: Record<string, string>
    }
    const { name, key } = endpoint?.authorization.credentials ?? { name: '', key: '' }
    expect([name, secret.stringData[key]]).toEqual([secret.metadata.name, token])
    for (const pod of selected) {
      expect(portOf(pod, endpoint?.port ?? '')).toBe(8080)
      const env = pod.spec.containers.flatMap(({ env = [] }) => env) as {
        name: string
        valueFrom?: { secretKeyRef: { name: string; key: string } }
      }[]
      expect(env.find((one) => one.name === 'METRICS_TOKEN')?.valueFrom?.secretKeyRef).toEqual({ name, key })
    }
  })

  test('every name in it leads somewhere, and one that does not is found', () => {
    const objects = withMonitoring()
    expect(wiringFaults(objects)).toEqual([])
    const lost = objects.filter(({ kind }) => kind !== 'Secret')
    expect(wiringFaults(lost).join()).toContain('Secret metrics')
  })

  test('the policies let in who scrapes, and nobody else who was not let in before', () => {
    const before = new Set(allowed(renderProfile('aks-secure')))
    const more = allowed(withMonitoring()).filter((row) => !before.has(row))
    expect(more).toEqual(['admin', 'makeline', 'store'].map((role) => `cluster DNS -> ${role}: 8080`))
  })

  // By the setting alone, as everywhere: without this the policies would keep all telemetry in the pod, and only its log say so.
  test.each([
    ['http://collector.monitoring:8080', 8080],
    ['http://collector.monitoring', 80],
  ])('the policies let the function app tell the collector at %s, and nobody else', (address, port) => {
    const before = new Set(allowed(renderProfile('aks-secure')))
    const more = allowed(
      renderProfile('aks-secure', { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: address } }),
    ).filter((row) => !before.has(row))
    const roles = ['admin', 'makeline', 'store']
    expect(more.filter((row) => row.includes('another namespace'))).toEqual(
      roles.map((role) => `${role} -> another namespace: ${port}`),
    )
    for (const row of more) expect(row).toMatch(new RegExp(`^(${roles.join('|')}) -> .*\\b${port}\\b`))
  })

  test.each([
    ['no token', { token: '' }],
    ['a token that is guessed', { token: 'secret' }],
    ['an unknown Prometheus', { prometheus: 'mine' }],
  ])('refuses %s', (_, values) => {
    expect(() => withMonitoring(values)).toThrow(/monitoring/)
  })

  test('the dashboard in it is the file', () => {
    const dashboard = withMonitoring({ dashboard: true }).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'dashboard',
    ) as unknown as { data: Record<string, string> }
    const { panels } = JSON.parse(dashboard.data['store.json'] ?? '') as { panels: { id: number }[] }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(panels.length).toBeGreaterThan(20)
  })
})

test('each alert leads to a part of the runbook with its cause, its check and its cure', () => {
  expect(alerts.length).toBeGreaterThan(10)
  for (const { alert, annotations } of alerts) {
    const [file, anchor = ''] = annotations.runbook.split('#')
    expect(file, alert).toBe('docs/operations.md')
    const part = runbook.get(anchor) ?? ''
    for (const word of [`\`${alert}\``, ...runbookWords]) expect(part, `${alert}: ${anchor}`).toContain(word)
  }
})

const prometheus = await findPrometheus()

describe.skipIf(!prometheus)('by Prometheus’ own promtool', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rules-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const promtool = (...args: string[]) =>
    execFileSync(prometheus?.promtool ?? '', args, { encoding: 'utf8', stdio: 'pipe' })

  test('the rules are right', () => {
    expect(promtool('check', 'rules', rulesFile)).toMatch(/SUCCESS: \d+ rules found/)
  })

  test('each alert tells when it should, and only then', () => {
    const tests = ['rules', 'rulesOfDays'].map((name) =>
      fileURLToPath(new URL(`./${name}.promtool.yaml`, import.meta.url)),
    )
    // One after the other: promtool takes the interval of the first for all.
    for (const file of tests) expect(promtool('test', 'rules', file)).toContain('SUCCESS')
    const tried = tests.map((file) => readFileSync(file, 'utf8')).join('\n')
    for (const { alert } of alerts)
      expect(tried.split(`alertname: ${alert}`).length, alert).toBeGreaterThan(2)
  })

  test('the dashboard’s expressions are right', () => {
    const file = join(folder, 'dashboard.yaml')
    const rules = expressions.map((expr, at) => ({ record: `panel:${at}`, expr }))
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }))
    expect(promtool('check', 'rules', file)).toContain(`SUCCESS: ${rules.length} rules found`)
  })
})
