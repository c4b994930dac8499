/** What the chart puts onto a cluster, as far as the store's function app is concerned. */
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { home } from '../../infra/kubernetes/objects.ts'
import type { App, Deployment } from './deployment.ts'

interface Container {
  readonly name: string
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[]
}

interface PodSpec {
  readonly serviceAccountName: string
  readonly containers: readonly Container[]
}

/** A template for Kubernetes together with what the chart makes on the cluster. */
export function withPods(deployment: Deployment, chart: readonly KubernetesObject[]): Deployment {
  const named = (kind: string, name: string) =>
    chart.find((object) => object.kind === kind && object.metadata.name === name)
  const apps = chart
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap((object): App[] => {
      const { template } = object.spec as { template: { spec: PodSpec } }
      const container = template.spec.containers.find(({ name }) => name === 'functions')
      if (!container) return []
      const account = named('ServiceAccount', template.spec.serviceAccountName)
      const { name } = object.metadata
      const maps = (container.envFrom ?? []).map(
        ({ configMapRef }) => named('ConfigMap', configMapRef.name)?.data as Record<string, string>,
      )
      const own = (container.env ?? []).map((one) => [one.name, one.value] as const)
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
            subject: `system:serviceaccount:${home}:${template.spec.serviceAccountName}`,
            clientId: account?.metadata.annotations?.['azure.workload.identity/client-id'] ?? '',
          },
        },
      ]
    })
  return { ...deployment, apps, webApps: [], scalers: scalersOf(chart) }
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
