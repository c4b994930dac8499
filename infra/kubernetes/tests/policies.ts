/** NetworkPolicies, evaluated: who may open a connection to whom, by the rules of networking.k8s.io/v1. */
import type { KubernetesObject } from '../objects.ts'
import { type Labels, type Pod, podsOf, portOf, selects } from './pods.ts'

interface Peer {
  podSelector?: { matchLabels?: Labels }
  namespaceSelector?: { matchLabels?: Labels }
  ipBlock?: { cidr: string }
}

interface Rule {
  from?: Peer[]
  to?: Peer[]
  ports?: { protocol?: string; port: string | number }[]
}

interface Policy {
  podSelector: { matchLabels?: Labels }
  policyTypes: string[]
  ingress?: Rule[]
  egress?: Rule[]
}

/** One end of a connection: a pod of this namespace, one of another, or an address outside the cluster. */
export interface End {
  name: string
  pod?: Pod
  namespace?: Labels
  labels?: Labels
  outside?: true
  /** One address of its own outside the cluster's pods, and the port at which it answers. */
  at?: { address: string; port: number }
}

/** The ends outside this namespace that the policies speak of. */
export const strangers: End[] = [
  { name: 'the world', outside: true },
  {
    name: 'cluster DNS',
    namespace: { 'kubernetes.io/metadata.name': 'kube-system' },
    labels: { 'k8s-app': 'kube-dns' },
  },
  {
    name: "the gateway's control plane",
    namespace: { 'kubernetes.io/metadata.name': 'aks-istio-system' },
    labels: {},
  },
  // AKS' LocalDNS: preconfigured on Automatic clusters (learn.microsoft.com/azure/aks/localdns-custom).
  { name: "the node's DNS", outside: true, at: { address: '169.254.10.11', port: 53 } },
  { name: 'another namespace', namespace: { 'kubernetes.io/metadata.name': 'default' }, labels: {} },
]

/** The ends in this namespace: every pod that the objects make, and the gateway's, which its class makes. */
export function endsOf(objects: readonly KubernetesObject[]): End[] {
  const pods = podsOf(objects).map((pod) => ({
    name: pod.labels['app.kubernetes.io/name'] ?? pod.owner,
    pod,
  }))
  if (!objects.some(({ kind }) => kind === 'Gateway')) return pods
  const labels = { 'gateway.networking.k8s.io/gateway-name': 'store' }
  const ports = [443, 15_021].map((containerPort) => ({ name: String(containerPort), containerPort }))
  const spec = { containers: [{ name: 'gateway', image: '', ports }] }
  return [...pods, { name: 'gateway', pod: { owner: 'gateway', labels, spec, claims: [] } }]
}

/** "from -> to: ports" for each pair between which something may pass, sorted. */
export function allowed(objects: readonly KubernetesObject[]): string[] {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy)
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
      : [22, 53, 80, 443, 5671, 5672, 15_012]
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
    ({ podSelector, policyTypes }) =>
      policyTypes.includes(type) && selects(podSelector.matchLabels ?? {}, pod.labels),
  )
  if (!own.length) return true
  const rules = own.flatMap(({ ingress = [], egress = [] }) => (type === 'Ingress' ? ingress : egress))
  return rules.some((rule) => {
    const peers = rule.from ?? rule.to
    const samePort = !rule.ports || rule.ports.some((one) => numberOf(one.port, target) === port)
    return samePort && (!peers || peers.some((one) => isPeer(one, peer)))
  })
}

const numberOf = (port: string | number, { pod }: End) =>
  typeof port === 'number' ? port : pod && portOf(pod, port)

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, end: End): boolean {
  if (ipBlock)
    return end.outside === true && (/\/0$/.test(ipBlock.cidr) || ipBlock.cidr === `${end.at?.address}/32`)
  if (end.outside) return false
  const labels = end.pod?.labels ?? end.labels ?? {}
  if (!selects(podSelector?.matchLabels ?? {}, labels)) return false
  if (namespaceSelector) return !end.pod && selects(namespaceSelector.matchLabels ?? {}, end.namespace ?? {})
  return end.pod !== undefined
}
