/** What the chart puts onto a cluster, as far as the store's function app is concerned. */
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { home } from '../../infra/kubernetes/objects.ts'
import type { App, Deployment } from './deployment.ts'

interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } }
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly Variable[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
}

interface PodTemplate {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: { readonly serviceAccountName: string; readonly containers: readonly Container[] }
}

/** A template for Kubernetes together with what the chart makes on the cluster. */
export function withPods(deployment: Deployment, chart: readonly KubernetesObject[]): Deployment {
  const named = (kind: string, name: string) =>
    chart.find((object) => object.kind === kind && object.metadata.name === name)
  const pods = chart
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata, spec }) => ({ name: metadata.name, ...(spec as { template: PodTemplate }).template }))
  const apps = pods.flatMap(({ name, metadata, spec }): App[] => {
    const container = spec.containers.find((one) => one.name === 'functions')
    if (!container) return []
    const account = named('ServiceAccount', spec.serviceAccountName)
    const isSeenByWebhook = metadata.labels?.['azure.workload.identity/use'] === 'true'
    const maps = (container.envFrom ?? []).map(
      ({ configMapRef }) => named('ConfigMap', configMapRef.name)?.data as Record<string, string>,
    )
    const own = (container.env ?? []).map((one) => [one.name, readVariable(one, named)] as const)
    return [
      {
        service: name,
        name: `pod ${name}`,
        host: `${name}.${home}.svc.cluster.local`,
        settings: Object.assign({}, ...maps, Object.fromEntries(own)),
        identities: [],
        isPublic: true,
        lockedBehind: undefined,
        package: undefined,
        pod: {
          subject: `system:serviceaccount:${home}:${spec.serviceAccountName}`,
          clientId: isSeenByWebhook
            ? (account?.metadata.annotations?.['azure.workload.identity/client-id'] ?? '')
            : undefined,
        },
      },
    ]
  })
  const images = new Set(pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image)))
  return { ...deployment, apps, images: [...images], webApps: [], scalers: scalersOf(chart) }
}

/** @throws {Error} naming a variable whose value cannot be had: a pod would not start. */
function readVariable(
  { name, value, valueFrom }: Variable,
  named: (kind: string, name: string) => KubernetesObject | undefined,
): string {
  if (value !== undefined) return value
  const { name: secret = '', key = '' } = valueFrom?.secretKeyRef ?? {}
  const data = named('Secret', secret)?.stringData as Record<string, string> | undefined
  const found = data?.[key]
  if (found === undefined)
    throw new Error(
      `The variable ${name} is to come from ${JSON.stringify(valueFrom)}, which the chart has not.`,
    )
  return found
}

/** What KEDA is told: which queue to count, and as whom. */
function scalersOf(chart: readonly KubernetesObject[]): Deployment['scalers'] {
  return chart
    .filter(({ kind }) => kind === 'ScaledObject')
    .flatMap(({ spec }) => (spec as { triggers: Trigger[] }).triggers)
    .filter(({ type }) => type === 'azure-servicebus')
    .map(({ metadata, authenticationRef }) => {
      const authentication = chart.find(
        ({ kind, metadata }) => kind === 'TriggerAuthentication' && metadata.name === authenticationRef?.name,
      )?.spec as { podIdentity: { identityId: string } }
      return {
        namespace: `${metadata.namespace}.servicebus.windows.net`,
        queue: metadata.queueName ?? '',
        clientId: authentication.podIdentity.identityId,
        subject: 'system:serviceaccount:kube-system:keda-operator',
      }
    })
}

interface Trigger {
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
  readonly authenticationRef?: { readonly name: string }
}
