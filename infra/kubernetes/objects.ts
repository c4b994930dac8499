/** Any object of Kubernetes, as far as this project looks into it. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  /** Of a Secret. */
  stringData?: Record<string, string>
  [field: string]: unknown
}

/** Where the chart is installed: what its objects are in that name no namespace. */
export const home = 'store'

/** The namespace that an object is in. */
export const namespaceOf = ({ metadata }: KubernetesObject) => metadata.namespace ?? home

/** "Kind name" of an object: unique within a profile. */
export const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`

/**
 * The value at a path as Kustomize writes it: fields between dots, `[name]` for one with dots of its own, `0` for an
 * item, `[field=value]` for the item that has it.
 */
export function valueAt(object: unknown, path: string): unknown {
  let value = object as Record<string, unknown> | undefined
  for (const [, inBrackets, plain] of path.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)) {
    const [, field, wanted] = /^(\w+)=(.+)$/.exec(inBrackets ?? '') ?? []
    value = (
      field && Array.isArray(value)
        ? value.find((item) => item[field] === wanted)
        : value?.[inBrackets ?? plain ?? '']
    ) as Record<string, unknown> | undefined
  }
  return value
}
