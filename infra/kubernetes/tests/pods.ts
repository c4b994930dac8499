/** The pods that a set of objects makes, with what the tests ask of them. */
import { type KubernetesObject, nameOf, namespaceOf } from '../objects.ts'

export interface Probe {
  periodSeconds?: number
  failureThreshold?: number
  httpGet?: { path: string; port: string | number }
  tcpSocket?: { port: string | number }
}

export interface Container {
  name: string
  image: string
  ports?: { name: string; containerPort: number }[]
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[]
  envFrom?: { configMapRef: { name: string } }[]
  command?: string[]
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  securityContext?: {
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    capabilities?: { drop?: string[] }
  }
  lifecycle?: { preStop?: { sleep?: { seconds: number } } }
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
  volumeMounts?: { name: string; mountPath: string }[]
}

export interface PodSpec {
  serviceAccountName?: string
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
  topologySpreadConstraints?: { topologyKey: string; labelSelector: { matchLabels: Labels } }[]
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type: string } }
  containers: Container[]
  volumes?: {
    name: string
    configMap?: { name: string }
    persistentVolumeClaim?: { claimName: string }
  }[]
}

export type Labels = Record<string, string>

export interface Pod {
  /** "Deployment store": what makes it. */
  owner: string
  namespace: string
  labels: Labels
  spec: PodSpec
}

interface Workload {
  selector: { matchLabels: Labels }
  template: { metadata: { labels: Labels }; spec: PodSpec }
}

/** The pods of Deployments and StatefulSets, and those that stand alone. */
export function podsOf(objects: readonly KubernetesObject[]): Pod[] {
  return objects.flatMap((object): Pod[] => {
    const owner = nameOf(object)
    const namespace = namespaceOf(object)
    if (object.kind === 'Pod') {
      const spec = object.spec as PodSpec
      return [{ owner, namespace, labels: object.metadata.labels ?? {}, spec }]
    }
    if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return []
    const { template } = object.spec as Workload
    return [{ owner, namespace, labels: template.metadata.labels, spec: template.spec }]
  })
}

/** Whether labels have all that a selector wants. */
export const selects = (selector: Labels, labels: Labels) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)

/** The number of a container's port that is named or given. */
export function portOf(pod: Pod, port: string | number): number | undefined {
  const ports = pod.spec.containers.flatMap(({ ports = [] }) => ports)
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort
}

/** A container's environment: its config maps, and before them its own. */
export function environmentOf(container: Container, objects: readonly KubernetesObject[]): Labels {
  const maps = (container.envFrom ?? []).map(
    ({ configMapRef }) =>
      objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef.name)?.data,
  )
  const secret = ({ name, key }: { name: string; key: string }) =>
    objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)?.stringData?.[key]
  const own = Object.fromEntries(
    (container.env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? (valueFrom && secret(valueFrom.secretKeyRef)) ?? '',
    ]),
  )
  return Object.assign({}, ...maps, own)
}
