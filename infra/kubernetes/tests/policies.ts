/** NetworkPolicies, evaluated: who may open a connection to whom, by the rules of networking.k8s.io/v1. */
import { type KubernetesObject, namespaceOf } from '../objects.ts'
import { type Labels, type Pod, podsOf, portOf, selects } from './pods.ts'

export interface Peer {
  podSelector?: { matchLabels?: Labels }
  namespaceSelector?: { matchLabels?: Labels }
  ipBlock?: { cidr: string }
}

interface Rule {
  from?: Peer[]
  to?: Peer[]
  ports?: { protocol?: string; port: string | number }[]
}

export interface Policy {
  namespace: string
  podSelector: { matchLabels?: Labels }
  policyTypes: string[]
  ingress?: Rule[]
  egress?: Rule[]
}

/** One end of a connection: a pod of these objects, one of another namespace, or an address outside the cluster. */
export interface End {
  name: string
  pod?: Pod
  namespace?: string
  labels?: Labels
  outside?: true
  /** One address of its own outside the cluster's pods, and the port at which it answers. */
  at?: { address: string; port: number }
}

/** The ends that others make, of which the policies speak. */
export const strangers: End[] = [
  { name: 'the world', outside: true },
  {
    name: 'cluster DNS',
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns' },
  },
  {
    name: "the gateway's control plane",
    namespace: 'aks-istio-system',
    labels: {},
  },
  // AKS' LocalDNS: preconfigured on Automatic clusters (learn.microsoft.com/azure/aks/localdns-custom).
  { name: "the node's DNS", outside: true, at: { address: '169.254.10.11', port: 53 } },
  { name: 'the HTTP add-on', namespace: 'keda', labels: {} },
  { name: 'another namespace', namespace: 'default', labels: {} },
  { name: 'a pod beside the gateway', namespace: 'store-gateway', labels: {} },
]

/** Every pod that the objects make, and the gateway's, which its class makes beside it. */
export function endsOf(objects: readonly KubernetesObject[]): End[] {
  const pods = podsOf(objects).map(
    (pod): End => ({
      name: pod.labels['app.kubernetes.io/name'] ?? pod.owner,
      pod,
      namespace: pod.namespace,
    }),
  )
  const gateways = objects
    .filter(({ kind }) => kind === 'Gateway')
    .map((gateway): End => {
      const labels = { 'gateway.networking.k8s.io/gateway-name': gateway.metadata.name }
      const ports = [443, 15_021].map((containerPort) => ({ name: String(containerPort), containerPort }))
      const spec = { containers: [{ name: 'gateway', image: '', ports }] }
      const namespace = namespaceOf(gateway)
      return { name: 'gateway', namespace, pod: { owner: 'gateway', namespace, labels, spec } }
    })
  return [...pods, ...gateways]
}

export const policiesOf = (objects: readonly KubernetesObject[]): Policy[] =>
  objects
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map((object) => ({ ...(object.spec as Policy), namespace: namespaceOf(object) }))

/** "from -> to: ports" for each pair between which something may pass, sorted. */
export function allowed(objects: readonly KubernetesObject[]): string[] {
  const policies = policiesOf(objects)
  const here = endsOf(objects)
  const all = [...here, ...strangers]
  const rows: string[] = []
  for (const from of all) {
    for (const to of all) {
      if (from === to || (!from.pod && !to.pod)) continue
      const ports = portsBetween(policies, from, to)
      if (ports.length) rows.push(`${from.name} -> ${to.name}: ${ports.join(', ')}`)
    }
  }
  return rows.sort()
}

/** Ports at which `to` may be reached: those that it offers, or the usual ones outside. */
function portsBetween(policies: readonly Policy[], from: End, to: End): number[] {
  const offered = to.pod
    ? to.pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort))
    : to.at
      ? [to.at.port]
      : [22, 53, 80, 443, 5671, 5672, 8080, 15_012]
  return offered.filter(
    (port) => passes(policies, from, to, port, 'Egress') && passes(policies, to, from, port, 'Ingress', to),
  )
}

/** Whether the policies of `pod` let a connection with `peer` pass; a pod that no policy selects lets everything pass. */
function passes(
  policies: readonly Policy[],
  { pod }: End,
  peer: End,
  port: number,
  type: 'Ingress' | 'Egress',
  target = peer,
): boolean {
  if (!pod) return true
  const own = policies.filter(
    ({ namespace, podSelector, policyTypes }) =>
      namespace === pod.namespace &&
      policyTypes.includes(type) &&
      selects(podSelector.matchLabels ?? {}, pod.labels),
  )
  if (!own.length) return true
  const rules = own.flatMap(({ ingress = [], egress = [] }) => (type === 'Ingress' ? ingress : egress))
  return rules.some((rule) => {
    const peers = rule.from ?? rule.to
    const samePort = !rule.ports || rule.ports.some((one) => numberOf(one.port, target) === port)
    return samePort && (!peers || peers.some((one) => isPeer(one, pod.namespace, peer)))
  })
}

const numberOf = (port: string | number, { pod }: End) =>
  typeof port === 'number' ? port : pod && portOf(pod, port)

/** Whether a rule of a policy in `namespace` means this end. */
export function isPeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  namespace: string,
  end: End,
): boolean {
  if (ipBlock)
    return end.outside === true && (/\/0$/.test(ipBlock.cidr) || ipBlock.cidr === `${end.at?.address}/32`)
  if (end.outside) return false
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector.matchLabels ?? {}, { 'kubernetes.io/metadata.name': end.namespace ?? '' })
    : end.namespace === namespace
  return inNamespace && selects(podSelector?.matchLabels ?? {}, end.pod?.labels ?? end.labels ?? {})
}
