/** Where the values of an Azure environment stand in the objects of AKS, so that Kustomize can put others in their place. */
import { type KubernetesObject, valueAt } from './objects.ts'

const configMap = 'azure'

type Place = [kind: string, name: string, path: string]

/** Where a role is told the account in which its host keeps leases. */
function hostStorage(role: string): Place {
  const container = 'spec.template.spec.containers.[name=functions]'
  return ['Deployment', role, `${container}.env.[name=AzureWebJobsStorage__blobServiceUri].value`]
}

/** By the value's name in `azure.env`: the objects that have it, and where. */
const places: Record<string, Place[]> = {
  SERVICE_BUS_HOST: [['ConfigMap', 'settings', 'data.ServiceBusConnection__fullyQualifiedNamespace']],
  SERVICE_BUS_NAMESPACE: [['ScaledObject', 'makeline', 'spec.triggers.0.metadata.namespace']],
  COSMOS_ENDPOINT: [['ConfigMap', 'settings', 'data.CosmosConnection__accountEndpoint']],
  STORE_STORAGE_URI: [hostStorage('store')],
  ADMIN_STORAGE_URI: [hostStorage('admin')],
  MAKELINE_STORAGE_URI: [hostStorage('makeline')],
  IMAGES_STORAGE_URI: [['ConfigMap', 'settings', 'data.ImagesConnection__blobServiceUri']],
  SIGN_IN_ISSUER: [['ConfigMap', 'settings', 'data.AUTH_ISSUER']],
  SIGN_IN_KEYS: [['ConfigMap', 'settings', 'data.AUTH_JWKS_URI']],
  SIGN_IN_AUDIENCE: [['ConfigMap', 'settings', 'data.AUTH_AUDIENCE']],
  SIGN_IN_ORIGINS: [['ConfigMap', 'web', 'data.OPENID_ORIGINS']],
  SIGN_IN_OF_ADMIN: [['ConfigMap', 'web', 'data.OPENID_CONNECT']],
  STORE_CLIENT_ID: [['ServiceAccount', 'store', 'metadata.annotations.[azure.workload.identity/client-id]']],
  ADMIN_CLIENT_ID: [['ServiceAccount', 'admin', 'metadata.annotations.[azure.workload.identity/client-id]']],
  MAKELINE_CLIENT_ID: [
    ['ServiceAccount', 'makeline', 'metadata.annotations.[azure.workload.identity/client-id]'],
  ],
  KEDA_CLIENT_ID: [['TriggerAuthentication', 'makeline', 'spec.podIdentity.identityId']],
  STORE_HOST: [
    ['Gateway', 'store', 'spec.listeners.[name=store].hostname'],
    ['HTTPRoute', 'store', 'spec.hostnames.0'],
  ],
  ADMIN_HOST: [
    ['Gateway', 'store', 'spec.listeners.[name=admin].hostname'],
    ['HTTPRoute', 'admin', 'spec.hostnames.0'],
  ],
  FUNCTIONS_IMAGE: ['store', 'admin', 'makeline'].map(
    (role): Place => ['Deployment', role, 'spec.template.spec.containers.[name=functions].image'],
  ),
  WEB_IMAGE: [['Deployment', 'web', 'spec.template.spec.containers.[name=web].image']],
}

/** `azure.env` with the values that the objects have. */
export function azureEnvironment(objects: readonly KubernetesObject[]): string {
  const lines = Object.entries(places).map(([variable, [place]]) => {
    const [kind, name, path] = place ?? []
    const object = objects.find((other) => other.kind === kind && other.metadata.name === name)
    return `${variable}=${valueAt(object, path ?? '')}`
  })
  return `# Samples: put the values of your environment here, and run \`kubectl apply -k\` in this folder. Pods read settings when they
# start: after a later change, \`kubectl -n store rollout restart deployment\`, too. SIGN_IN_ORIGINS has the issuer's origin and, after a
# blank each, those of the provider's other addresses (its token endpoint's).\n${lines.join('\n')}\n`
}

/** The fields of a `kustomization.yaml` that put the values of `azure.env` in their places. */
export const replacements = {
  configMapGenerator: [
    {
      name: configMap,
      envs: ['azure.env'],
      // Only read here, and not sent to the cluster.
      options: { disableNameSuffixHash: true, annotations: { 'config.kubernetes.io/local-config': 'true' } },
    },
  ],
  replacements: Object.entries(places).map(([variable, targets]) => ({
    source: { kind: 'ConfigMap', name: configMap, fieldPath: `data.${variable}` },
    targets: targets.map(([kind, name, path]) => ({ select: { kind, name }, fieldPaths: [path] })),
  })),
}
