/** The Kustomize files that say without Helm what the chart says: made from what Helm makes of each profile. */
import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import { azureEnvironment, replacements } from './azureValues.ts'
import { home, type KubernetesObject, nameOf, namespaceOf } from './objects.ts'
import { renderProfile } from './profiles.ts'

/** The files, by path: `base` has what all profiles have in common; an overlay has what only it has. */
export function kustomization(): Record<string, string> {
  const local = renderProfile('local')
  const aks = renderProfile('aks')
  const secure = layer(aks, renderProfile('aks-secure'))
  const addOn = layer(aks, renderProfile('aks-http-add-on'))
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
      patches: [...secure.patches, { path: 'namespace.yaml' }],
    }),
    'overlays/aks-secure/namespace.yaml': write([
      namespaceObject({ 'pod-security.kubernetes.io/enforce': 'restricted' }),
    ]),
    'overlays/aks-secure/resources.yaml': write(secure.added),

    'overlays/aks-http-add-on/kustomization.yaml': kustomizationFile({
      resources: ['../aks', 'resources.yaml'],
      patches: addOn.patches,
      replacements: addOnHosts,
    }),
    'overlays/aks-http-add-on/resources.yaml': write(addOn.added),
  }
}

/** The interceptor goes by the hosts that the gateway's routes have from `azure.env`. */
const addOnHosts = ['store', 'admin'].map((name) => ({
  source: { kind: 'HTTPRoute', name, fieldPath: 'spec.hostnames.0' },
  targets: [{ select: { kind: 'InterceptorRoute', name }, fieldPaths: ['spec.rules.0.hosts.0'] }],
}))

/** What makes one set of objects of another: objects that are added, and patches that change or remove some. */
function layer(from: KubernetesObject[], to: KubernetesObject[]) {
  const patches: { patch: string }[] = []
  const patch = (
    { apiVersion, kind, metadata: { name } }: KubernetesObject,
    change: object,
    namespace: string,
  ) => {
    const { metadata = {}, ...fields } = change as Partial<KubernetesObject>
    const object = { apiVersion, kind, metadata: { ...metadata, name, namespace }, ...fields }
    patches.push({ patch: stringify(object, { lineWidth: 0 }) })
  }
  const same = (object: KubernetesObject) => (other: KubernetesObject) => nameOf(other) === nameOf(object)
  for (const object of from) {
    const now = to.find(same(object))
    if (!now) patch(object, { $patch: 'delete' }, namespaceOf(object))
    else if (!isDeepStrictEqual(object, now)) patch(object, mergePatch(object, now), namespaceOf(object))
  }
  return { added: to.filter((object) => !from.some(same(object))), patches }
}

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The JSON merge patch (RFC 7396) from one object to another.
 * @throws {Error} where lists differ, which Kustomize would merge by rules of each kind.
 */
function mergePatch(from: Fields, to: Fields, path = ''): Fields {
  const patch: Fields = {}
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const [before, after] = [from[name], to[name]]
    if (isDeepStrictEqual(before, after)) continue
    if (Array.isArray(before) && Array.isArray(after))
      throw new Error(`The list ${path}/${name} differs between two profiles, for which there is no patch.`)
    const both = isFields(before) && isFields(after)
    patch[name] = both ? mergePatch(before, after, `${path}/${name}`) : (after ?? null)
  }
  return patch
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
