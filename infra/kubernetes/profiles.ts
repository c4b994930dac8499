/** What the chart becomes in each profile, and the Kustomize files that say the same without Helm. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments, stringify } from 'yaml'
import { azureEnvironment, replacements } from './azureValues.ts'
import { home, type KubernetesObject, namespaceOf } from './objects.ts'
import { findTool } from './tools.ts'

const chart = fileURLToPath(new URL('./chart', import.meta.url))

/** Each profile, with the values files that make it. */
export const profiles = { local: ['local'], aks: ['aks'], 'aks-secure': ['aks', 'aks-secure'] } as const
export type Profile = keyof typeof profiles
export const profileNames = Object.keys(profiles) as Profile[]

/** The objects in a text of several YAML documents. */
export function readObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
}

/**
 * Renders a profile with Helm: what `helm install` would send, without the test of `helm test`.
 * @param values more values, which come before those of the profile
 * @throws {Error} with Helm's own words
 */
export function renderProfile(profile: Profile, values: object = {}, helm = findTool('helm') ?? 'helm') {
  const files = profiles[profile].flatMap((name) => ['--values', `${chart}/profiles/${name}.yaml`])
  const set = ['--set-json', JSON.stringify(values)]
  const args = ['template', 'store', chart, '--namespace', home, '--skip-tests', ...files, ...set]
  return readObjects(execFileSync(helm, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }))
}

/** The Kustomize files, by path: `base` has what all profiles have in common; an overlay has what only it has. */
export function kustomization(helm?: string): Record<string, string> {
  const [local, aks, secure] = profileNames.map((profile) => renderProfile(profile, {}, helm))
  if (!local || !aks || !secure) throw new Error('A profile is missing.')
  const isIn = (objects: KubernetesObject[]) => (object: KubernetesObject) =>
    objects.some((other) => isDeepStrictEqual(object, other))
  const isNotIn = (objects: KubernetesObject[]) => (object: KubernetesObject) => !isIn(objects)(object)
  const resources = ['../../base', 'namespace.yaml', 'resources.yaml']

  return {
    'base/kustomization.yaml': kustomizationFile({ resources: ['resources.yaml'] }),
    'base/resources.yaml': write(local.filter(isIn(aks))),

    'overlays/local/kustomization.yaml': kustomizationFile({ resources }),
    'overlays/local/namespace.yaml': write([namespaceObject()]),
    'overlays/local/resources.yaml': write(local.filter(isNotIn(aks))),

    'overlays/aks/kustomization.yaml': kustomizationFile({ resources, ...replacements }),
    'overlays/aks/namespace.yaml': write([namespaceObject()]),
    'overlays/aks/resources.yaml': write(aks.filter(isNotIn(local))),
    'overlays/aks/azure.env': azureEnvironment(aks),

    'overlays/aks-secure/kustomization.yaml': kustomizationFile({
      resources: ['../aks', 'resources.yaml'],
      patches: [{ path: 'namespace.yaml' }],
    }),
    'overlays/aks-secure/namespace.yaml': write([
      namespaceObject({ 'pod-security.kubernetes.io/enforce': 'restricted' }),
    ]),
    'overlays/aks-secure/resources.yaml': write(secure.filter(isNotIn(aks))),
  }
}

/** The namespace, which Helm leaves to whoever installs. */
const namespaceObject = (labels: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: home, labels },
})

const header = '# Made from infra/kubernetes/chart by `npm run kubernetes:render`. Change it there.\n'

const kustomizationFile = (fields: object) =>
  header + stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...fields })

/** Each object says where it is: one `namespace` for all of them would take the gateway out of its own. */
const write = (objects: KubernetesObject[]) =>
  header + objects.map((object) => stringify(placed(object), { lineWidth: 0 })).join('---\n')

const placed = (object: KubernetesObject): KubernetesObject => {
  if (object.kind === 'Namespace') return object
  const { name, ...metadata } = object.metadata
  return { ...object, metadata: { name, ...metadata, namespace: namespaceOf(object) } }
}
