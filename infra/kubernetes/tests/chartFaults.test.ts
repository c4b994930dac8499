/** The faults that people make in a chart: each is made, and each must be found, by the checks of `chart.test.ts`. */
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type KubernetesObject, nameOf } from '../objects.ts'
import { type Profile, profileNames, renderProfile, renderWithTest } from '../profiles.ts'
import { findTool } from '../tools.ts'
import { allowed } from './policies.ts'
import { typeFaults } from './strictTypes.ts'
import { securityFaults, wiringFaults } from './wiring.ts'

const helm = findTool('helm')
if (!helm) console.log('Skipped: the faults of a chart need helm on the PATH.')

describe.skipIf(!helm)('the checks of the chart', () => {
  const rendered = Object.fromEntries(
    profileNames.map((profile) => [profile, helm ? renderWithTest(profile) : []]),
  ) as Record<Profile, KubernetesObject[]>

  // Each is a slip that a person could make; what finds it is named.
  const slips: [what: string, profile: Profile, slip: [pattern: RegExp, by: string], found: RegExp][] = [
    ['a misspelt field', 'aks', [/"maxUnavailable":1/, '"maxUnavailabel":1'], /maxUnavailabel/],
    [
      'a number where KEDA wants text',
      'aks',
      [/"messageCount":"64"/, '"messageCount":64'],
      /ScaledObject makeline: Type 'number'/,
    ],
    [
      'a selector that selects nothing',
      'local',
      [
        /("selector":\{"app\.kubernetes\.io\/part-of":"store","app\.kubernetes\.io\/name":")admin(?="\},"ports")/,
        '$1admim',
      ],
      /Service admin: selects no pods/,
    ],
    [
      'a probe at a wrong path',
      'aks',
      [/\/api\/health"/, '/api/healthy"'],
      /nothing answers at \/api\/healthy/,
    ],
    [
      'a probe at a wrong port',
      'aks',
      [/("path":"\/api\/health","port":")http/, '$1https'],
      /has no port https/,
    ],
    [
      'a queue of another name',
      'aks',
      [/"queueName":"orders"/, '"queueName":"order"'],
      /there is no queue order$/m,
    ],
    [
      'a setting of another name',
      'aks',
      [/CosmosConnection__accountEndpoint/, 'CosmosConnection__endpoint'],
      /CosmosConnection/,
    ],
    ['a service of another name', 'local', [/http:\/\/store"/, 'http://stores"'], /no Service stores/],
    [
      'a config map of another name',
      'local',
      [/"configMapRef":\{"name":"web"/, '"configMapRef":{"name":"webs"'],
      /no ConfigMap webs/,
    ],
    [
      'a volume of another name',
      'local',
      [/"claimName":"local-cloud"/, '"claimName":"data"'],
      /no PersistentVolumeClaim data/,
    ],
    ['an identity shared by two', 'aks', [/0000-000000000012"/, '0000-000000000011"'], /share an identity/],
    [
      'a pod that does not ask for its identity',
      'aks',
      [/"azure.workload.identity\/use":"true"/, '"azure.workload.identity/use":"false"'],
      /does not ask for its identity/,
    ],
    [
      'a host id left out',
      'aks',
      [/AzureFunctionsWebHost__hostid/, 'AzureFunctionsWebHost__host'],
      /host id/,
    ],
    [
      'a route to no service',
      'aks',
      [/"name":"web-admin","port":80/, '"name":"admin-web","port":80'],
      /no Service admin-web/,
    ],
    [
      'a route to a gateway that is elsewhere',
      'aks',
      [/"namespace":"store-gateway"(?=,"sectionName":"store")/, '"namespace":"store"'],
      /no listener store\/store\/store/,
    ],
    [
      'a gateway that takes routes of its own namespace only',
      'aks',
      [/"from":"Selector","selector":\{[^}]*\}\}/, '"from":"Same"'],
      /takes no routes of its namespace/,
    ],
    [
      'a gateway that takes routes of another namespace',
      'aks',
      [/("from":"Selector","selector":\{"matchLabels":\{"kubernetes.io\/metadata.name":)"store"/, '$1"shop"'],
      /takes no routes of its namespace/,
    ],
    [
      'a certificate that is in another namespace, with no grant',
      'aks',
      [/\[\{"name":"store-certificate"\}\]/, '[{"name":"store-certificate","namespace":"store"}]'],
      /no Secret store-certificate in store/,
    ],
    [
      'a service in a namespace that grants nothing',
      'aks',
      [/\{"name":"web-store","port":80\}/, '{"name":"web-store","namespace":"shop","port":80}'],
      /no Service web-store in shop/,
    ],
    [
      'a namespace that nobody makes',
      'aks',
      [
        /"kind":"Namespace","metadata":\{"name":"store-gateway"/,
        '"kind":"Namespace","metadata":{"name":"gateway"',
      ],
      /Gateway store: there is no Namespace store-gateway/,
    ],
    [
      'a policy that lets in whom there is not',
      'aks-secure',
      [
        /("namespaceSelector":\{"matchLabels":\{"kubernetes.io\/metadata.name":)"store-gateway"/,
        '$1"gateway"',
      ],
      /NetworkPolicy web: means nobody by/,
    ],
    [
      'a policy about pods of another namespace',
      'aks-secure',
      [/"name":"gateway","namespace":"store-gateway"/, '"name":"gateway","namespace":"store"'],
      /NetworkPolicy gateway: means nobody by/,
    ],
    [
      'a field that listeners do not have',
      'aks',
      [/"allowedRoutes"/, '"allowedRoute"'],
      /Gateway store: .*allowedRoute/,
    ],
    [
      'a field that the add-on does not know',
      'aks-http-add-on',
      [/"concurrency"/, '"concurrent"'],
      /concurrent/,
    ],
    [
      'a route of the add-on to no service',
      'aks-http-add-on',
      [/"target":\{"service":"admin"/, '"target":{"service":"admim"'],
      /InterceptorRoute admin: there is no Service admim/,
    ],
    [
      'a scaler that asks for no route',
      'aks-http-add-on',
      [/"interceptorRoute":"store"/, '"interceptorRoute":"stores"'],
      /no InterceptorRoute stores/,
    ],
    [
      'a test of the chart that calls a service of another name',
      'local',
      [/"http:\/\/web-store"\]/, '"http://web"]'],
      /Pod test-place-order, command: there is no Service web /,
    ],
    [
      'a file that its config map does not have',
      'local',
      [/"place-order.mjs":/, '"order.mjs":'],
      /ConfigMap test-place-order has no file \/test\/place-order.mjs/,
    ],
    ['a root user', 'aks', [/"runAsNonRoot":true/, '"runAsNonRoot":false'], /may run as root/],
    [
      'an image that can be written to',
      'aks',
      [/"readOnlyRootFilesystem":true/, '"readOnlyRootFilesystem":false'],
      /may write to its image/,
    ],
  ]
  test.each(slips)('found: %s', (_, profile, [pattern, by], found) => {
    const text = JSON.stringify(rendered[profile])
    expect(text).toMatch(pattern)
    const objects = JSON.parse(text.replace(pattern, by)) as KubernetesObject[]
    // The types of what is as before are as before: chart.test.ts looks at all of them.
    const changed = objects.filter((object, at) => !isDeepStrictEqual(object, rendered[profile][at]))
    const faults = [...typeFaults(changed), ...wiringFaults(objects), ...securityFaults(objects)]
    expect(faults.join('\n')).toMatch(found)
  })

  test('found: a policy that lets the world reach the broker', () => {
    const objects = renderProfile('local', { networkPolicy: { enabled: true } }).map((object) =>
      nameOf(object) === 'NetworkPolicy local-cloud'
        ? { ...object, spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] } }
        : object,
    )
    expect(allowed(objects)).toContain('the world -> local-cloud: 5672, 8081, 10000, 8082')
  })
})
