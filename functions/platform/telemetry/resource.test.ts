import { expect, test } from 'vitest'
import { roleNames } from '../config.ts'
import { resourceOf } from './resource.ts'

const all = { version: '1.2.3', roles: new Set(roleNames) }

// OpenTelemetry, "Resource SDK": W3C Baggage's octets, of which `=` is one, or percent-encoded.
test('what a setting says of an instance is taken as it is', () => {
  const given = 'service.namespace=pets, deployment.environment.name=a%20test ,k8s.pod.uid=YWJj=='
  expect(resourceOf(all, { OTEL_RESOURCE_ATTRIBUTES: given })).toMatchObject({
    'service.namespace': 'pets',
    'deployment.environment.name': 'a test',
    'k8s.pod.uid': 'YWJj==',
    'service.name': 'store',
    'service.version': '1.2.3',
  })
})

test('a service is called by a setting, else as the function app, else by its roles', () => {
  const of = (env: NodeJS.ProcessEnv, roles = all.roles) => resourceOf({ ...all, roles }, env)['service.name']
  expect(of({}, new Set(['makeline']))).toBe('store-makeline')
  expect(of({ WEBSITE_SITE_NAME: 'func-makeline-x' })).toBe('func-makeline-x')
  expect(of({ OTEL_SERVICE_NAME: 'shop', WEBSITE_SITE_NAME: 'func-x' })).toBe('shop')
})

test('an instance is its pod, which Prometheus and the log know too; elsewhere each process is one of its own', () => {
  const of = (env: NodeJS.ProcessEnv) => resourceOf(all, env)
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'makeline-7d9c-x2x' }
  expect(of(pod)).toMatchObject({
    'service.instance.id': 'makeline-7d9c-x2x',
    'k8s.pod.name': 'makeline-7d9c-x2x',
  })
  const [one, other] = [of({ HOSTNAME: 'laptop' }), of({ HOSTNAME: 'laptop' })]
  expect(one['service.instance.id']).not.toBe(other['service.instance.id'])
  expect(one).not.toHaveProperty('k8s.pod.name')
})
