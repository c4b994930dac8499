/**
 * Objects of Kubernetes against their types, strictly: the compiler refuses names that a type does not have, and values
 * of another type. Types: `kubernetes-types` (from the API's OpenAPI document) and `@kubernetes-models` (from the CRDs of
 * KEDA and the Gateway API).
 */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { type KubernetesObject, nameOf } from '../objects.ts'

const types: Record<string, string> = {
  'v1 ConfigMap': 'kubernetes-types/core/v1.d.ts',
  'v1 Namespace': 'kubernetes-types/core/v1.d.ts',
  'v1 PersistentVolumeClaim': 'kubernetes-types/core/v1.d.ts',
  'v1 Pod': 'kubernetes-types/core/v1.d.ts',
  'v1 Secret': 'kubernetes-types/core/v1.d.ts',
  'v1 Service': 'kubernetes-types/core/v1.d.ts',
  'v1 ServiceAccount': 'kubernetes-types/core/v1.d.ts',
  'apps/v1 Deployment': 'kubernetes-types/apps/v1.d.ts',
  'apps/v1 StatefulSet': 'kubernetes-types/apps/v1.d.ts',
  'autoscaling/v2 HorizontalPodAutoscaler': 'kubernetes-types/autoscaling/v2.d.ts',
  'networking.k8s.io/v1 NetworkPolicy': 'kubernetes-types/networking/v1.d.ts',
  'policy/v1 PodDisruptionBudget': 'kubernetes-types/policy/v1.d.ts',
  'http.keda.sh/v1beta1 InterceptorRoute': './interceptorRoute',
  'keda.sh/v1alpha1 ScaledObject': '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject',
  'keda.sh/v1alpha1 TriggerAuthentication': '@kubernetes-models/keda/keda.sh/v1alpha1/TriggerAuthentication',
  'monitoring.coreos.com/v1 PodMonitor':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
  'monitoring.coreos.com/v1 PrometheusRule':
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule',
  'gateway.networking.k8s.io/v1 Gateway':
    '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Gateway',
  'gateway.networking.k8s.io/v1 HTTPRoute':
    '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute',
}

/** Azure's managed Prometheus takes the operator's objects under a group of its own, with nothing else changed. */
const asTyped = (object: KubernetesObject): KubernetesObject => ({
  ...object,
  apiVersion: object.apiVersion.replace('azmonitoring.coreos.com/', 'monitoring.coreos.com/'),
})

/** What the compiler read before: the same for every set of objects. */
const sources = new Map<string, ts.SourceFile | undefined>()

/** What the types have against these objects, one line a fault; nothing when all is well. */
export function typeFaults(given: readonly KubernetesObject[]): string[] {
  const objects = given.map(asTyped)
  const unknown = objects.filter(({ apiVersion, kind }) => !types[`${apiVersion} ${kind}`])
  if (unknown.length) return unknown.map((object) => `${nameOf(object)}: no type is known for it`)

  const lines = objects.map((object, index) => {
    const module = String(types[`${object.apiVersion} ${object.kind}`])
    const type = /^[@.]/.test(module) ? `I${object.kind}` : object.kind
    return `export const o${index}: import('${module}').${type} = ${JSON.stringify(object)}`
  })
  // In this folder, so that packages are found; the file itself is never written.
  const file = fileURLToPath(new URL('./objectsUnderTest.ts', import.meta.url))
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    // Without those of the browser, which take longer to read than all of Kubernetes'.
    lib: ['lib.es2022.d.ts'],
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  const text = lines.join('\n')
  host.fileExists = (name) => name === file || fileExists(name)
  host.readFile = (name) => (name === file ? text : readFile(name))
  host.getSourceFile = (name, ...rest) => {
    if (name === file) return ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
    if (!sources.has(name)) sources.set(name, getSourceFile(name, ...rest))
    return sources.get(name)
  }
  const program = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(program).map((fault) => {
    const line = fault.file?.getLineAndCharacterOfPosition(fault.start ?? 0).line ?? 0
    const object = objects[line]
    return `${object ? nameOf(object) : fault.file?.fileName}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`
  })
}
