/** The chart and the Kustomize files, through the real `helm` and `kubectl`, and what they would make of a cluster. */
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { kustomization } from '../kustomization.ts'
import { home, type KubernetesObject, nameOf, namespaceOf, valueAt } from '../objects.ts'
import {
  lintProfile,
  notesOf,
  type Profile,
  profileNames,
  readObjects,
  renderProfile,
  renderWithTest,
} from '../profiles.ts'
import { findTool } from '../tools.ts'
import { podsOf } from './pods.ts'
import { allowed } from './policies.ts'
import { typeFaults } from './strictTypes.ts'
import { securityFaults, wiringFaults } from './wiring.ts'

const folder = fileURLToPath(new URL('../', import.meta.url))
const helm = findTool('helm')
const kubectl = findTool('kubectl')
if (!helm || !kubectl) console.log('Skipped: the tests of the chart need helm and kubectl on the PATH.')
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const helmVersion = helm ? run(helm, 'version', '--short') : ''

describe.skipIf(!helm || !kubectl)('the chart', () => {
  const rendered = Object.fromEntries(
    profileNames.map((profile) => [profile, helm ? renderProfile(profile) : []]),
  ) as Record<Profile, KubernetesObject[]>
  const temporary: string[] = []
  afterAll(() => Promise.all(temporary.map((path) => rm(path, { recursive: true, force: true }))))

  /** The objects by name, each with the namespace that it is in; the store's own is for Kustomize to make. */
  const byName = (objects: KubernetesObject[]) =>
    Object.fromEntries(
      objects
        .filter((object) => nameOf(object) !== `Namespace ${home}`)
        .map((object) => [
          nameOf(object),
          { ...object, metadata: { ...object.metadata, namespace: namespaceOf(object) } },
        ]),
    )
  const kustomized = (path: string) => readObjects(run(String(kubectl), 'kustomize', path))

  // But for the add-on's: `helm lint` (4.1) gives back the default that a values file takes away with null, which the other
  // commands do not, and then finds that store and admin scale in two ways.
  const linted = profileNames.filter((profile) => profile !== 'aks-http-add-on')
  test.each(linted)('%s: helm has nothing against it', (profile) => {
    expect(lintProfile(profile)).toContain('0 chart(s) failed')
  })

  test('a value that the chart does not know is refused, and named', () => {
    expect(() => renderProfile('local', { roles: { store: { replica: 3 } } })).toThrow(/replica/)
    expect(() => renderProfile('local', { terminationGracePeriodSeconds: 5 })).toThrow(/60/)
    expect(() => renderProfile('aks', { keda: { namespace: '' } })).toThrow(/keda.namespace/)
  })

  // Each passes `helm template`'s own checks, and fails on a cluster, or does something else than it says.
  const wrong: [what: string, profile: Profile, values: object, named: RegExp][] = [
    ['a setting that the chart makes', 'local', { settings: { AUTH: 'emulator' } }, /AUTH/],
    ['another role by a setting', 'aks', { roles: { store: { settings: { ROLES: 'admin' } } } }, /ROLES/],
    ['the setting that makes another host', 'aks', { settings: { POD_NAMESPACE: 'store' } }, /POD_NAMESPACE/],
    ['a name that no environment has', 'aks', { settings: { 'ORDERS PER HOUR': '1' } }, /ORDERS PER HOUR/],
    [
      'a label that selects pods',
      'aks',
      { podLabels: { 'app.kubernetes.io/name': 'x' } },
      /app.kubernetes.io\/name/,
    ],
    [
      'an address for a host name',
      'aks',
      { gateway: { storeHost: 'https://store.example.com' } },
      /storeHost/,
    ],
    ['a text that ends the one in nginx', 'aks', { signIn: { clientId: "store's" } }, /clientId/],
    ['a text that nginx takes for a variable', 'aks', { signIn: { scope: 'openid $all' } }, /scope/],
    ['an issuer with a quote', 'aks', { signIn: { issuer: 'https://a.example/"' } }, /issuer/],
    // Each would let the admin's pages talk to others than the provider, or end the text in nginx.
    ...[
      'https://*.example.com',
      'http://tokens.example.com',
      'https://a.example/',
      'https://a.example b',
    ].map((origin): (typeof wrong)[number] => [
      `another origin like ${origin}`,
      'aks',
      { signIn: { otherOrigins: [origin] } },
      /otherOrigins/,
    ]),
    ['no amount of memory', 'aks', { resources: { web: { limits: { memory: '128MB' } } } }, /memory/],
    ['no range of addresses', 'aks-secure', { networkPolicy: { egress: ['azure.com'] } }, /egress/],
    [
      'a least that is the most',
      'aks',
      { roles: { store: { scale: { cpu: { min: 11 } } } } },
      /store\.scale.*11/,
    ],
    ['and for KEDA', 'aks', { roles: { makeline: { scale: { queue: { min: 9 } } } } }, /makeline\.scale.*9/],
  ]
  test.each(wrong)('refused: %s', (_, profile, values, named) => {
    expect(() => renderProfile(profile, values)).toThrow(named)
  })

  test('a change of what pods are told starts them anew, and nothing else does', () => {
    const sums = (values: object) =>
      Object.fromEntries(
        renderProfile('local', values)
          .filter(({ kind }) => kind === 'Deployment')
          .map((object) => [
            object.metadata.name,
            valueAt(object, 'spec.template.metadata.annotations.[checksum/settings]'),
          ]),
      )
    const before = sums({})
    const changed = (values: object) => {
      const after = sums(values)
      return Object.keys(before).filter((name) => before[name] !== after[name])
    }
    const roles = ['admin', 'makeline', 'store']
    expect(changed({ signIn: { audience: 'https://other.example/api' } })).toEqual(roles)
    expect(changed({ signIn: { clientId: 'other' } })).toEqual(['web'])
    expect(changed({ signIn: { rolesClaim: 'groups' } })).toEqual([...roles, 'web'])
    expect(changed({ settings: { ORDERS_PER_HOUR: '5' } })).toEqual(roles)
    expect(changed({ web: { replicas: 3 } })).toEqual([])
  })

  test('the admin may talk to the issuer, and to the origins that are named beside it', () => {
    const origins = (otherOrigins: string[]) => {
      const signIn = { issuer: 'https://id.example.com/tenant', otherOrigins }
      const web = renderProfile('aks', { signIn }).find((object) => nameOf(object) === 'ConfigMap web')
      return valueAt(web, 'data.OPENID_ORIGINS')
    }
    expect(origins([])).toBe('https://id.example.com')
    expect(origins(['https://tokens.example.com:8443', 'https://id.example.com'])).toBe(
      'https://id.example.com https://tokens.example.com:8443',
    )
  })

  // Helm 3 asks a cluster before it prints them.
  test.skipIf(/^v3\./.test(helmVersion))(
    'the notes name what there is to wait for, and the test where it can succeed',
    () => {
      const waitsFor = (notes: string) =>
        [...notes.matchAll(/ ((?:deployment|statefulset)\/\S+)/g)].map(([, name]) => name)
      const parts = ['deployment/web', ...['admin', 'makeline', 'store'].map((role) => `deployment/${role}`)]
      const local = notesOf('local')
      expect(waitsFor(local)).toEqual([...parts, 'statefulset/local-cloud'])
      expect(local).toContain('helm test store -n store')
      expect(waitsFor(notesOf('aks'))).toEqual(parts)
      const without = notesOf('local', { roles: { makeline: { replicas: 0 }, simulation: { replicas: 1 } } })
      expect(waitsFor(without).sort()).toEqual(
        [...parts, 'deployment/simulation', 'statefulset/local-cloud']
          .filter((name) => name !== 'deployment/makeline')
          .sort(),
      )
      expect(without).not.toContain('helm test')
    },
  )

  // What a StatefulSet asks for in `volumeClaimTemplates` never changes (apps/v1); a claim of its own may grow.
  test('an upgrade that makes the local volume larger changes the claim alone, which stays when the chart goes', () => {
    const larger = renderProfile('local', { localCloud: { storage: '5Gi' } })
    const changed = larger.filter((object, at) => !isDeepStrictEqual(object, rendered.local[at]))
    expect(changed.map((object) => [nameOf(object), valueAt(object, 'spec.resources.requests')])).toEqual([
      ['PersistentVolumeClaim local-cloud', { storage: '5Gi' }],
    ])
    expect(changed[0]?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' })
    const stateful = larger.find(({ kind }) => kind === 'StatefulSet')
    expect(valueAt(stateful, 'spec.volumeClaimTemplates')).toBeUndefined()
  })

  test('no pods of a role are no pods', () => {
    const objects = renderProfile('local', { roles: { makeline: { replicas: 0 } } })
    const counts = objects
      .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'makeline')
      .map((object) => valueAt(object, 'spec.replicas'))
    expect(counts.filter((count) => count !== 0)).toEqual([])
    const waiting = { roles: { makeline: { replicas: 0 } }, keda: { enabled: false } }
    const still = renderProfile('aks', waiting).find((object) => nameOf(object) === 'Deployment makeline')
    expect(valueAt(still, 'spec.replicas')).toBe(0)
  })

  test.each(profileNames)(
    '%s: each object is what its kind allows, and each name leads somewhere',
    (profile) => {
      const withTest = renderWithTest(profile)
      expect(typeFaults(withTest)).toEqual([])
      expect(wiringFaults(withTest)).toEqual([])
      expect(securityFaults(withTest)).toEqual([])
    },
  )

  test.each(profileNames)('%s: Kustomize makes the same of it', (profile) => {
    expect(byName(kustomized(join(folder, 'kustomize/overlays', profile)))).toEqual(byName(rendered[profile]))
  })

  test('the Kustomize files are those that the chart makes now', async () => {
    const root = join(folder, 'kustomize')
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((file) =>
      file.isFile(),
    )
    const written = await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(root.length + 1).replaceAll('\\', '/'), await readFile(path, 'utf8')] as const
      }),
    )
    expect(Object.fromEntries(written)).toEqual(kustomization())
  })

  test('every value of azure.env takes the place of its sample', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'kustomize-'))
    temporary.push(copy)
    await cp(join(folder, 'kustomize'), copy, { recursive: true })
    const file = join(copy, 'overlays/aks/azure.env')
    const lines = (await readFile(file, 'utf8')).split('\n')
    const names = lines.flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? [])
    await writeFile(file, names.map((name) => `${name}=value of ${name}`).join('\n'))

    for (const overlay of ['aks-secure', 'aks-http-add-on']) {
      const text = run(String(kubectl), 'kustomize', join(copy, 'overlays', overlay))
      expect(names.filter((name) => !text.includes(`value of ${name}`))).toEqual([])
      expect(text).not.toMatch(/contoso|example\.com|00000000-/)
    }
  })

  test('in the secured profile everyone talks to whom they must, and to nobody else', async () => {
    const app = (from: string) => [...dns(from), `${from} -> the world: 443, 5671`]
    const dns = (from: string) => [`${from} -> cluster DNS: 53`, `${from} -> the node's DNS: 53`]
    expect(allowed(rendered['aks-secure'])).toEqual(
      [
        'the world -> gateway: 443, 15021',
        'cluster DNS -> gateway: 443, 15021',
        'another namespace -> gateway: 443, 15021',
        "the gateway's control plane -> gateway: 443, 15021",
        "the node's DNS -> gateway: 443, 15021",
        'the HTTP add-on -> gateway: 443, 15021',
        'a pod beside the gateway -> gateway: 443, 15021',
        ...dns('gateway'),
        "gateway -> the gateway's control plane: 15012",
        'gateway -> web: 8080, 8081',
        'web -> admin: 8080',
        ...dns('web'),
        'web -> store: 8080',
        ...['store', 'admin', 'makeline'].flatMap(app),
      ].sort(),
    )
  })

  // Istio gives such pods a seccomp profile only where it is told to, and all else that "restricted" asks for (istio/istio:
  // manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml).
  test('the gateway is in a namespace of its own, where less is asked of its pods; it may be one that is there', () => {
    const labels = (objects: KubernetesObject[]) =>
      objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.labels)
    expect(labels(rendered['aks-secure'])).toEqual([
      expect.objectContaining({ 'pod-security.kubernetes.io/enforce': 'baseline' }),
    ])
    const secured = kustomized(join(folder, 'kustomize/overlays/aks-secure'))
    const store = secured.find((object) => nameOf(object) === `Namespace ${home}`)
    expect(store?.metadata.labels).toEqual({ 'pod-security.kubernetes.io/enforce': 'restricted' })

    const values = { networkPolicy: { enabled: true }, gateway: { createNamespace: false } }
    const there = renderProfile('aks', values)
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'store-gateway' } }
    expect(labels(there)).toEqual([])
    expect(wiringFaults([...there, namespace])).toEqual([])
    // What else is in it is not ours to forbid.
    const of = (rows: string[]) =>
      rows.filter((row) => row.includes('gateway ->') && !row.startsWith('a pod'))
    expect(of(allowed(there))).toEqual(of(allowed(rendered['aks-secure'])))
    const policies = there.filter((object) => object.metadata.namespace === 'store-gateway')
    expect(policies.map(nameOf)).toEqual(['NetworkPolicy gateway', 'Gateway store'])

    const beside = renderProfile('aks', { ...values, gateway: { namespace: home, createNamespace: true } })
    expect(labels(beside)).toEqual([])
    expect(of(allowed(beside))).toEqual(of(allowed(rendered['aks-secure'])))
  })

  test('with the local cloud and policies, only the function app reaches it, and the web apps its sign-in', () => {
    const objects = renderProfile('local', { networkPolicy: { enabled: true } })
    expect(wiringFaults(objects)).toEqual([])
    const rows = allowed(objects).filter((row) => row.includes('local-cloud'))
    expect(rows).toEqual(
      [
        ...['admin', 'makeline', 'store'].map((role) => `${role} -> local-cloud: 5672, 8081, 10000, 8082`),
        'local-cloud -> cluster DNS: 53',
        "local-cloud -> the node's DNS: 53",
        'web -> local-cloud: 8082',
      ].sort(),
    )
  })

  // AKS' deployment safeguards refuse two that are alike (open-policy-agent gatekeeper-library, uniqueserviceselector).
  test.each(profileNames)('%s: no two services select by the same labels', (profile) => {
    const selectors = rendered[profile]
      .filter(({ kind }) => kind === 'Service')
      .map((object) => JSON.stringify(valueAt(object, 'spec.selector')))
    expect(selectors.length).toBeGreaterThan(3)
    expect(new Set(selectors).size).toBe(selectors.length)
  })

  test('roles scale by what they wait for', () => {
    const scaled = (profile: Profile) =>
      rendered[profile].filter(({ kind }) => /HorizontalPodAutoscaler|ScaledObject/.test(kind)).map(nameOf)
    expect(scaled('local')).toEqual([])
    expect(scaled('aks')).toEqual([
      'HorizontalPodAutoscaler admin',
      'HorizontalPodAutoscaler store',
      'ScaledObject makeline',
    ])
    // Dead letters and orders that no message tells of wake no queue: one pod stays.
    const makeline = rendered.aks.find((object) => nameOf(object) === 'ScaledObject makeline')
    expect(makeline?.spec).toMatchObject({ minReplicaCount: 1 })
    const simulating = renderProfile('aks', { roles: { simulation: { replicas: 1 } } })
    expect(wiringFaults(simulating)).toEqual([])
    expect(podsOf(simulating).map(({ owner }) => owner)).toContain('Deployment simulation')
  })

  test('with the HTTP add-on, store and admin run only while they are called, through its interceptor alone', () => {
    const objects = renderProfile('aks-http-add-on', { networkPolicy: { enabled: true } })
    expect(wiringFaults(objects)).toEqual([])
    const routes = objects.filter(({ kind }) => kind === 'InterceptorRoute')
    expect(routes.map(({ spec }) => spec)).toEqual(
      ['admin', 'store'].map((role) => ({
        target: { service: role, port: 80 },
        // As the gateway is asked, and as the test of the chart asks.
        rules: [{ hosts: [`${role}.example.com`, `web-${role}`] }],
        scalingMetric: { concurrency: { targetValue: 20 } },
      })),
    )
    const scaled = objects.filter(({ kind }) => /HorizontalPodAutoscaler|ScaledObject/.test(kind)).map(nameOf)
    expect(scaled).toEqual(['ScaledObject admin', 'ScaledObject makeline', 'ScaledObject store'])
    const web = objects.find((object) => nameOf(object) === 'ConfigMap web')
    expect(web?.data).toMatchObject({ STORE_API: 'http://keda-add-ons-http-interceptor-proxy.keda:8080' })
    expect(
      allowed(objects).filter((row) => /^(web|the HTTP add-on) -> (?!.*(gateway|DNS))/.test(row)),
    ).toEqual([
      'the HTTP add-on -> admin: 8080',
      'the HTTP add-on -> store: 8080',
      'web -> the HTTP add-on: 8080',
    ])
  })
})
