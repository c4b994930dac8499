/** What an instance says of itself with all that it exports: OpenTelemetry's resource. */
import { randomUUID } from 'node:crypto'
import { type Config, roleNames } from '../config.ts'

type Env = NodeJS.ProcessEnv

/**
 * The resource of this process. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` go before what is found out: the name of
 * the function app in Azure, of the pod in Kubernetes; elsewhere a service is called by its roles.
 */
export function resourceOf(
  { version, roles }: Pick<Config, 'version' | 'roles'>,
  env: Env,
): Record<string, string> {
  const ofRoles = roles.size === roleNames.length ? 'store' : `store-${[...roles].join('-')}`
  const given = attributesOf(env.OTEL_RESOURCE_ATTRIBUTES ?? '')
  // Kubernetes calls a pod's host as the pod.
  const pod = env.KUBERNETES_SERVICE_HOST && env.HOSTNAME
  return {
    'service.version': version,
    'service.instance.id': env.WEBSITE_INSTANCE_ID || pod || randomUUID(),
    ...(pod && { 'k8s.pod.name': pod }),
    ...(env.WEBSITE_SITE_NAME && {
      'cloud.provider': 'azure',
      'cloud.platform': 'azure.functions',
      ...(env.REGION_NAME && { 'cloud.region': env.REGION_NAME }),
    }),
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.language': 'nodejs',
    ...given,
    'service.name': env.OTEL_SERVICE_NAME || given['service.name'] || env.WEBSITE_SITE_NAME || ofRoles,
  }
}

/** `name=value` pairs parted by commas, the values percent-encoded, as the specification of the resource SDK has them. */
function attributesOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(pair.trim())?.map((part) => part.trim()) ?? []
    if (!name || value === undefined) return []
    try {
      return [[name, decodeURIComponent(value)]]
    } catch {
      return [[name, value]]
    }
  })
  return Object.fromEntries(pairs)
}
