/**
 * Gateways and routes followed from end to end, by the rules of the Gateway API: what a route names must be there, must let
 * its namespace in, and what is in another namespace must be granted to be named from there.
 */
import { type KubernetesObject, nameOf, namespaceOf } from '../objects.ts'

interface Reference {
  name: string
  namespace?: string
  port?: number
  sectionName?: string
}

interface Listener {
  name: string
  hostname: string
  tls: { certificateRefs: Reference[] }
  allowedRoutes?: {
    namespaces?: { from?: string; selector?: { matchLabels?: Record<string, string> } }
  }
}

interface Grant {
  from: { kind: string; namespace: string }[]
  to: { kind: string; name?: string }[]
}

/** Secrets that whoever installs brings along; see docs/kubernetes.md. */
const broughtAlong = ['store-gateway/store-certificate', 'store-gateway/admin-certificate']

/** The faults of gateways and their routes, one line each. */
export function gatewayFaults(objects: readonly KubernetesObject[]): string[] {
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind)
  const find = (kind: string, name: string, namespace: string) =>
    ofKind(kind).find((object) => object.metadata.name === name && namespaceOf(object) === namespace)

  /** Whether an object may name what is of this kind in another namespace. */
  const mayName = (object: KubernetesObject, kind: string, { name }: Reference, namespace: string) =>
    namespace === namespaceOf(object) ||
    ofKind('ReferenceGrant')
      .filter((grant) => namespaceOf(grant) === namespace)
      .some(({ spec }) => {
        const { from, to } = spec as Grant
        return (
          from.some((one) => one.kind === object.kind && one.namespace === namespaceOf(object)) &&
          to.some((one) => one.kind === kind && (one.name ?? name) === name)
        )
      })

  const faults: string[] = []
  const follow = (
    object: KubernetesObject,
    kind: string,
    to: Reference,
    isThere: (at: string) => boolean,
  ) => {
    const namespace = to.namespace ?? namespaceOf(object)
    const named = `${kind} ${to.name} in ${namespace}`
    if (!isThere(namespace)) faults.push(`${nameOf(object)}: there is no ${named}`)
    else if (!mayName(object, kind, to, namespace)) faults.push(`${nameOf(object)}: may not name ${named}`)
  }

  for (const gateway of ofKind('Gateway')) {
    const { listeners } = gateway.spec as { listeners: Listener[] }
    for (const { tls } of listeners)
      for (const secret of tls.certificateRefs)
        follow(gateway, 'Secret', secret, (namespace) => broughtAlong.includes(`${namespace}/${secret.name}`))
  }
  for (const route of ofKind('HTTPRoute')) {
    const { parentRefs, hostnames, rules } = route.spec as {
      parentRefs: Reference[]
      hostnames: string[]
      rules: { backendRefs: Reference[] }[]
    }
    for (const { name, namespace = namespaceOf(route), sectionName } of parentRefs) {
      const { listeners } = (find('Gateway', name, namespace)?.spec ?? {}) as { listeners?: Listener[] }
      const listener = listeners?.find((one) => one.name === sectionName)
      const place = `listener ${namespace}/${name}/${sectionName}`
      if (!listener || !hostnames.includes(listener.hostname))
        faults.push(`${nameOf(route)}: no ${place} has its host`)
      else if (!admits(listener, namespaceOf(route), namespace))
        faults.push(`${nameOf(route)}: the ${place} takes no routes of its namespace`)
    }
    for (const { backendRefs } of rules)
      for (const service of backendRefs)
        follow(route, 'Service', service, (namespace) => {
          const { ports = [] } = (find('Service', service.name, namespace)?.spec ?? {}) as {
            ports?: { port: number }[]
          }
          return ports.some(({ port }) => port === service.port)
        })
  }
  return faults
}

/** Whether a listener of a gateway in `home` takes routes of a namespace; `Same` is what it does where nothing is said. */
function admits({ allowedRoutes }: Listener, namespace: string, home: string): boolean {
  const { from = 'Same', selector = {} } = allowedRoutes?.namespaces ?? {}
  if (from === 'All') return true
  if (from === 'Same') return namespace === home
  return Object.entries(selector.matchLabels ?? {}).every(
    ([label, value]) => label === 'kubernetes.io/metadata.name' && value === namespace,
  )
}
