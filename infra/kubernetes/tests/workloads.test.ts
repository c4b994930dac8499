/** What every workload of the chart has, and that docs/kubernetes.md says what the chart does. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type KubernetesObject, nameOf, valueAt } from '../objects.ts'
import { type Profile, profileNames, renderProfile } from '../profiles.ts'
import { findTool } from '../tools.ts'
import { type Pod, podsOf, selects } from './pods.ts'
import { allowed, strangers } from './policies.ts'
import { typeFaults } from './strictTypes.ts'
import { wiringFaults } from './wiring.ts'

const helm = findTool('helm')
if (!helm) console.log('Skipped: the tests of the workloads need helm on the PATH.')
const docs = readFileSync(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8')

/** The rows of the docs' table that begins with this heading, cell by cell. */
function table(heading: string): string[][] {
  const lines = docs.slice(docs.indexOf(`| ${heading}`)).split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe.skipIf(!helm)('the workloads', () => {
  const rendered = Object.fromEntries(
    profileNames.map((profile) => [profile, helm ? renderProfile(profile) : []]),
  ) as Record<Profile, KubernetesObject[]>

  /** What a workload lacks, one line each. */
  function lacks(pod: Pod, objects: readonly KubernetesObject[]): string[] {
    const { owner, labels, spec } = pod
    const missing: string[] = []
    const must = (has: unknown, what: string) => has || missing.push(`${owner} has no ${what}`)
    const isRole = spec.containers[0]?.name === 'functions'
    for (const { startupProbe, readinessProbe, livenessProbe, resources, lifecycle } of spec.containers) {
      must(startupProbe && readinessProbe && livenessProbe, 'startup, readiness and liveness probe')
      must(resources?.requests?.cpu && resources.requests.memory && resources.limits?.memory, 'resources')
      must(!resources?.limits?.cpu, 'freedom of processor')
      const { periodSeconds = 10, failureThreshold = 3 } = startupProbe ?? {}
      if (isRole) must(periodSeconds * failureThreshold >= 60, 'minute for a cold host')
      const isCalled = objects.some(
        ({ kind, spec }) =>
          kind === 'Service' && selects((spec as { selector: object }).selector as never, labels),
      )
      if (isCalled && owner.startsWith('Deployment'))
        must(lifecycle?.preStop?.sleep?.seconds, 'moment for last calls')
    }
    if (isRole) must((spec.terminationGracePeriodSeconds ?? 30) >= 60, 'time for a batch to end')
    // The local cloud is one pod: each part keeps its files for itself.
    if (owner === 'StatefulSet local-cloud') return missing
    const keys = (spec.topologySpreadConstraints ?? []).map(({ topologyKey }) => topologyKey)
    must(keys.includes('topology.kubernetes.io/zone') && keys.includes('kubernetes.io/hostname'), 'spread')
    const budget = objects.find(
      (object) =>
        object.kind === 'PodDisruptionBudget' &&
        selects(valueAt(object, 'spec.selector.matchLabels') as Record<string, string>, labels),
    )
    must(valueAt(budget, 'spec.maxUnavailable') === 1, 'disruption budget that lets a node be emptied')
    return missing
  }

  test.each(profileNames)('%s: each has probes, bounds, a spread, a budget and time to end', (profile) => {
    const pods = podsOf(rendered[profile])
    expect(pods.length).toBeGreaterThan(3)
    expect(pods.flatMap((pod) => lacks(pod, rendered[profile]))).toEqual([])
    const updates = rendered[profile].filter(({ kind }) => kind === 'Deployment')
    for (const deployment of updates)
      expect(valueAt(deployment, 'spec.strategy.rollingUpdate.maxUnavailable'), nameOf(deployment)).toBe(0)
  })

  test('what collects metrics and traces may mark the pods of every role', () => {
    const podLabels = { 'example.com/team': 'pets' }
    const podAnnotations = { 'instrumentation.opentelemetry.io/inject-nodejs': 'true' }
    const marked = renderProfile('aks', { podLabels, podAnnotations })
    const deployments = marked.filter(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name !== 'web',
    )
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['admin', 'makeline', 'store'])
    for (const deployment of deployments)
      expect(valueAt(deployment, 'spec.template.metadata')).toMatchObject({
        labels: podLabels,
        annotations: podAnnotations,
      })
  })

  // Only messages that wait wake it (KEDA's scaler counts active ones): not dead letters, nor orders without a message.
  test('a makeline that may go to zero is awake for some minutes of each hour', () => {
    const objects = renderProfile('aks', { roles: { makeline: { scale: { queue: { min: 0 } } } } })
    expect([...typeFaults(objects), ...wiringFaults(objects)]).toEqual([])
    const scaled = objects.find((object) => nameOf(object) === 'ScaledObject makeline')
    expect(scaled?.spec).toMatchObject({
      minReplicaCount: 0,
      triggers: [
        { type: 'azure-servicebus' },
        { type: 'cron', metadata: { start: '0 * * * *', end: '5 * * * *', desiredReplicas: '1' } },
      ],
    })
    const always = rendered.aks.find((object) => nameOf(object) === 'ScaledObject makeline')
    expect(valueAt(always, 'spec.triggers')).toHaveLength(1)
  })

  test('the docs say who talks to whom', () => {
    const [[, ...columns] = [], , ...rows] = table('from ↓ to →')
    const others = strangers.map(({ name }) => name)
    const said = rows.flatMap(([from = '', ...cells]) =>
      cells.flatMap((cell, at) => {
        if (!/\d|yes/.test(cell)) return []
        const to = columns[at] ?? ''
        const senders = from === 'the world' ? others : from.split(', ')
        return senders.flatMap((sender) => {
          if (to === 'DNS') return [`${sender} -> cluster DNS: 53`, `${sender} -> the node's DNS: 53`]
          const azure = /^Azure \((.+)\)$/.exec(to)
          if (azure) return [`${sender} -> the world: ${azure[1]}`]
          return [`${sender} -> ${to === "gateway's control plane" ? `the ${to}` : to}: ${cell}`]
        })
      }),
    )
    expect(said.sort()).toEqual(allowed(rendered['aks-secure']))
  })

  test('the docs say how each role scales', () => {
    const said = Object.fromEntries(table('role | by').map(([role, by, count]) => [role, `${by}: ${count}`]))
    const spec = (name: string) => rendered.aks.find((object) => nameOf(object) === name)?.spec as Scaling
    for (const role of ['store', 'admin']) {
      const { minReplicas, maxReplicas, metrics } = spec(`HorizontalPodAutoscaler ${role}`)
      const percent = metrics[0]?.resource.target.averageUtilization
      expect(said[role]).toBe(`HPA, processor ${percent} %: ${minReplicas} – ${maxReplicas}`)
    }
    const { minReplicaCount, maxReplicaCount, triggers } = spec('ScaledObject makeline')
    const messages = triggers[0]?.metadata.messageCount
    expect(said.makeline).toBe(
      `KEDA, ${messages} waiting orders a pod: ${minReplicaCount} – ${maxReplicaCount}`,
    )
    expect(said.web).toBe(`fixed: ${valueAt({ spec: spec('Deployment web') }, 'spec.replicas')}`)
  })
})

interface Scaling {
  minReplicas: number
  maxReplicas: number
  metrics: { resource: { target: { averageUtilization: number } } }[]
  minReplicaCount: number
  maxReplicaCount: number
  triggers: { metadata: { messageCount: string } }[]
}
