/** Follows each name from where it is said to where it leads; a name that leads nowhere is a fault. */
import { readFileSync } from 'node:fs'
import { operations } from '../../../contract/operations.ts'
import { readAiSettings } from '../../../functions/ai/settings.ts'
import { type Config, readConfig, readSettings } from '../../../functions/platform/config.ts'
import { type KubernetesObject, nameOf } from '../objects.ts'
import { gatewayFaults } from './gatewayWiring.ts'
import {
  type Container,
  environmentOf,
  type Labels,
  type Pod,
  type PodSpec,
  podsOf,
  portOf,
  selects,
} from './pods.ts'
import { endsOf, isPeer, policiesOf, strangers } from './policies.ts'

const { UserConfig } = JSON.parse(
  readFileSync(new URL('../../service-bus.json', import.meta.url), 'utf8'),
) as { UserConfig: { Namespaces: { Queues: { Name: string }[] }[] } }
const queues = UserConfig.Namespaces.flatMap(({ Queues }) => Queues.map(({ Name }) => Name))

/** Paths at which the image's own programs answer; the function app's are in the contract. */
const otherPaths = ['/admin/host/ping', '/', '/favicon.svg']

/** The faults of a profile's objects, one line each. */
export function wiringFaults(objects: readonly KubernetesObject[]): string[] {
  const faults: string[] = []
  const pods = podsOf(objects)
  const services = objects.filter(({ kind }) => kind === 'Service')
  const need = (kind: string, name: string, from: string) => {
    if (!objects.some((object) => object.kind === kind && object.metadata.name === name))
      faults.push(`${from}: there is no ${kind} ${name}`)
  }
  const needPods = (selector: Labels, from: string): Pod[] => {
    const selected = pods.filter(({ labels }) => selects(selector, labels))
    if (!selected.length) faults.push(`${from}: selects no pods (${JSON.stringify(selector)})`)
    return selected
  }
  const needPort = (pod: Pod, port: string | number, from: string) => {
    if (portOf(pod, port) === undefined) faults.push(`${from}: ${pod.owner} has no port ${port}`)
  }
  /** A server's address within the cluster, such as http://store or local-cloud:8081. */
  const needServer = (host: string, port: number, from: string) => {
    const service = services.find(({ metadata }) => metadata.name === host)
    const { ports = [] } = (service?.spec ?? {}) as { ports?: { port: number }[] }
    if (!ports.some((one) => one.port === port))
      faults.push(`${from}: there is no Service ${host} with port ${port}`)
  }

  for (const object of objects) {
    const from = nameOf(object)
    // biome-ignore lint/suspicious/noExplicitAny: each kind has a shape of its own, which the types have checked.
    const spec = object.spec as any
    switch (object.kind) {
      case 'Service':
        for (const pod of needPods(spec.selector, from))
          for (const { targetPort } of spec.ports) needPort(pod, targetPort, from)
        break
      case 'PodDisruptionBudget':
        needPods(spec.selector.matchLabels, from)
        break
      case 'HorizontalPodAutoscaler':
        need(spec.scaleTargetRef.kind, spec.scaleTargetRef.name, from)
        if (
          objects.some(
            ({ kind, metadata }) => kind === 'ScaledObject' && metadata.name === object.metadata.name,
          )
        )
          faults.push(`${from}: KEDA scales the same pods`)
        break
      case 'ScaledObject':
        need('Deployment', spec.scaleTargetRef.name, from)
        for (const { type, authenticationRef, metadata } of spec.triggers) {
          if (type === 'external-push') need('InterceptorRoute', metadata.interceptorRoute, from)
          else if (type !== 'cron') {
            need('TriggerAuthentication', authenticationRef.name, from)
            if (!queues.includes(metadata.queueName))
              faults.push(`${from}: there is no queue ${metadata.queueName}`)
          }
        }
        break
      case 'InterceptorRoute':
        needServer(spec.target.service, spec.target.port, from)
        break
      case 'TriggerAuthentication':
        if (!spec.podIdentity.identityId) faults.push(`${from}: names no identity`)
        break
      case 'Deployment':
      case 'StatefulSet':
        if (!selects(spec.selector.matchLabels, spec.template.metadata.labels))
          faults.push(`${from}: does not select its own pods`)
        if (object.kind === 'StatefulSet') need('Service', spec.serviceName, from)
        break
    }
    if (object.metadata.namespace) need('Namespace', object.metadata.namespace, from)
  }

  for (const pod of pods) {
    const { owner: from, spec } = pod
    if (spec.serviceAccountName) need('ServiceAccount', spec.serviceAccountName, from)
    for (const { labelSelector } of spec.topologySpreadConstraints ?? [])
      if (!selects(labelSelector.matchLabels, pod.labels))
        faults.push(`${from}: spreads others than its own pods`)
    const volumes = (spec.volumes ?? []).map(({ name }) => name)
    for (const { configMap, persistentVolumeClaim: claim } of spec.volumes ?? []) {
      if (configMap) need('ConfigMap', configMap.name, from)
      if (claim) need('PersistentVolumeClaim', claim.claimName, from)
    }
    for (const container of spec.containers) {
      for (const { name } of container.volumeMounts ?? [])
        if (!volumes.includes(name)) faults.push(`${from}: has no volume ${name}`)
      for (const { configMapRef } of container.envFrom ?? []) need('ConfigMap', configMapRef.name, from)
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
        const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port
        if (port !== undefined) needPort(pod, port, from)
        const path = probe?.httpGet?.path
        const routes = operations.filter(({ method }) => method === 'GET').map(({ route }) => `/api/${route}`)
        if (path && ![...routes, ...otherPaths].includes(path))
          faults.push(`${from}: nothing answers at ${path}`)
      }
      for (const { valueFrom } of container.env ?? []) {
        const { name = '', key = '' } = valueFrom?.secretKeyRef ?? {}
        if (!valueFrom) continue
        need('Secret', name, from)
        const secret = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === name)
        if (secret && !secret.stringData?.[key]) faults.push(`${from}: Secret ${name} has no key ${key}`)
      }
      const environment = environmentOf(container, objects)
      const told = [
        ...Object.entries(environment),
        ...(container.command ?? []).map((one) => ['command', one]),
      ]
      for (const [name, value = ''] of told)
        for (const [host, port] of serversIn(value))
          if (isInCluster(host)) needServer(host, port, `${from}, ${name}`)
      faults.push(...fileFaults(from, container, spec, objects))
      if (container.name === 'functions') faults.push(...appFaults(from, environment))
    }
  }
  faults.push(...identityFaults(objects, pods), ...gatewayFaults(objects), ...policyFaults(objects))
  return faults
}

/** Names without a dot are of this namespace; localhost is the browser's or the pod's own. */
const isInCluster = (host: string) => !host.includes('.') && host !== 'localhost'

/** Hosts and ports of the addresses in a setting's value. */
function serversIn(value: string): [host: string, port: number][] {
  const defaults: Record<string, number> = { http: 80, https: 443, sb: 5672 }
  return [...value.matchAll(/\b(https?|sb):\/\/([\w.-]+)(?::(\d+))?/g)].map(
    ([, scheme = '', host = '', port]) => [host, Number(port ?? defaults[scheme])],
  )
}

/** Files that a command names below a config map's volume, and that the config map does not have. */
function fileFaults(
  from: string,
  { command = [], volumeMounts = [] }: Container,
  { volumes = [] }: PodSpec,
  objects: readonly KubernetesObject[],
): string[] {
  return volumeMounts.flatMap(({ name, mountPath }) => {
    const map = volumes.find((volume) => volume.name === name)?.configMap?.name
    if (!map) return []
    const keys = Object.keys(objects.find((object) => nameOf(object) === `ConfigMap ${map}`)?.data ?? {})
    return command
      .filter((word) => word.startsWith(`${mountPath}/`) && !keys.includes(word.slice(mountPath.length + 1)))
      .map((word) => `${from}: ConfigMap ${map} has no file ${word}`)
  })
}

/** What the function app itself says of its environment in a pod. */
function appFaults(from: string, environment: Labels): string[] {
  // Kubernetes and the webhook of workload identity add these.
  const added = { KUBERNETES_SERVICE_HOST: '10.0.0.1', AZURE_CLIENT_ID: 'client' }
  let config: Config
  try {
    config = readConfig({ ...environment, ...added })
    readSettings({ ...environment, ...added }, readAiSettings)
  } catch (error) {
    return [`${from}: ${(error as Error).message}`]
  }
  const faults: string[] = []
  const role = environment.ROLES ?? ''
  if (!queues.includes(config.ordersQueue)) faults.push(`${from}: there is no queue ${config.ordersQueue}`)
  if (from !== `Deployment ${role}`) faults.push(`${from}: has the role ${role}`)
  // Without an id of its own a role's pods would each run every timer; longer ones are cut (host documentation).
  const hostId = environment.AzureFunctionsWebHost__hostid ?? ''
  if (!/^[a-z0-9-]{1,32}$/.test(hostId) || hostId !== `store-${role}`)
    faults.push(`${from}: the host id is "${hostId}"`)
  if ('POD_NAMESPACE' in environment)
    faults.push(`${from}: POD_NAMESPACE would put the host into another mode`)
  return faults
}

/** Policies about nobody, and rules that let in or out nobody: the pod of `helm test` may be left out. */
function policyFaults(objects: readonly KubernetesObject[]): string[] {
  const ends = [...endsOf(objects), ...strangers]
  return policiesOf(objects).flatMap((policy, at) => {
    const from = nameOf(objects.filter(({ kind }) => kind === 'NetworkPolicy')[at] as KubernetesObject)
    const rules = [...(policy.ingress ?? []), ...(policy.egress ?? [])]
    const peers = [{ podSelector: policy.podSelector }, ...rules.flatMap(({ from, to }) => from ?? to ?? [])]
    return peers
      .filter(({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/name'] !== 'test')
      .filter((peer) => !peer.ipBlock && Object.keys(peer.podSelector ?? peer).length)
      .filter((peer) => !ends.some((end) => isPeer(peer, policy.namespace, end)))
      .map((peer) => `${from}: means nobody by ${JSON.stringify(peer)}`)
  })
}

/** Where workload identity is used, each role has an identity of its own, and its pods ask for it. */
function identityFaults(objects: readonly KubernetesObject[], pods: readonly Pod[]): string[] {
  const annotation = 'azure.workload.identity/client-id'
  const accounts = objects.filter(
    ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.annotations?.[annotation],
  )
  const ids = accounts.map(({ metadata }) => metadata.annotations?.[annotation])
  const faults = new Set(ids).size < ids.length ? ['Two service accounts share an identity'] : []
  for (const { owner, labels, spec } of pods) {
    const asks = labels['azure.workload.identity/use'] === 'true'
    const may = accounts.some(({ metadata }) => metadata.name === spec.serviceAccountName)
    if (asks !== may)
      faults.push(
        `${owner}: ${asks ? 'asks for an identity that it has not' : 'does not ask for its identity'}`,
      )
  }
  return faults
}

/** What Kubernetes' Pod Security Standard "restricted" wants, and what this project adds to it. */
export function securityFaults(objects: readonly KubernetesObject[]): string[] {
  return podsOf(objects).flatMap(({ owner, spec }) => {
    const faults: string[] = []
    if (!spec.securityContext?.runAsNonRoot) faults.push('may run as root')
    if (spec.securityContext?.seccompProfile?.type !== 'RuntimeDefault') faults.push('has no seccomp profile')
    if (spec.automountServiceAccountToken !== false) faults.push('has a token of the cluster')
    for (const { securityContext, resources } of spec.containers) {
      if (securityContext?.allowPrivilegeEscalation !== false) faults.push('may gain privileges')
      if (!securityContext?.capabilities?.drop?.includes('ALL')) faults.push('keeps capabilities')
      if (!securityContext?.readOnlyRootFilesystem) faults.push('may write to its image')
      if (!resources?.requests?.memory || !resources.limits?.memory) faults.push('has no bound of memory')
    }
    return faults.map((fault) => `${owner}: ${fault}`)
  })
}
