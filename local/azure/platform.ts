/**
 * What Azure itself does in an app's name, played: it counts the messages that wait for a trigger, in order to scale, and
 * sends the host's telemetry. The settings that it goes by are the app's own.
 */
import type { Azure } from './azure.ts'
import { storageAudience } from './blobs.ts'
import type { Identity, Scaler } from './deployment.ts'
import type { FunctionApp } from './functionApp.ts'
import { monitorAudience } from './ingestion.ts'
import { registryAudience } from './registry.ts'

/** Whom a trigger's connection names by `__clientId`; the platform takes nobody else. */
function identityOf({ deployment }: Azure, clientId: string | undefined, setting: string): Identity {
  const identity = deployment.identities.find((one) => one.clientId === clientId)
  if (!identity) throw new Error(`The setting ${setting} names no identity of the template.`)
  return identity
}

/** Without it the real host falls silent with an identity that is not the system's (azure-functions-host#10904). */
function demandCredential({ app }: FunctionApp, connection: string): void {
  const name = `${connection}__credential`
  if (app.settings[name] === 'managedidentity') return
  throw new Error(
    `${app.name} needs the setting ${name}, "managedidentity", in infra/settings.bicep or functionApp.bicep.`,
  )
}

/**
 * Counts the messages of every queue that an app is triggered by, as the scale controller does.
 * @throws {Error} naming the queue and the answer.
 */
export async function countForScaling(azure: Azure, app: FunctionApp): Promise<number[]> {
  const triggers = (await app.functions()).flatMap(({ config }) =>
    config.bindings.filter(({ type }) => type === 'serviceBusTrigger'),
  )
  const counts: number[] = []
  for (const { connection, queueName } of triggers) {
    const { settings } = app.app
    demandCredential(app, String(connection))
    const name = `${connection}__clientId`
    const identity = identityOf(azure, settings[name], name)
    counts.push(
      await countOf(azure, identity, String(settings[`${connection}__fullyQualifiedNamespace`]), queueName),
    )
  }
  return counts
}

/**
 * Counts messages as KEDA does, with its own service account.
 * @throws {Error} naming what it does not get.
 */
export async function countAsKeda(
  azure: Azure,
  { namespace, queue, clientId, subject }: Scaler,
): Promise<number> {
  const assertion = await azure.cluster.sign(subject)
  const response = await fetch(
    `https://login.microsoftonline.com/${azure.deployment.tenantId}/oauth2/v2.0/token`,
    {
      method: 'POST',
      body: new URLSearchParams({
        client_id: clientId,
        client_assertion: assertion,
        grant_type: 'client_credentials',
        scope: 'https://servicebus.azure.net/.default',
      }),
    },
  )
  const { access_token: token, error_description } = (await response.json()) as Record<string, string>
  if (!token) throw new Error(`KEDA gets no token: ${error_description}`)
  return countWith(token, namespace, queue)
}

/** How many messages wait in a queue: what takes the right to manage it. */
async function countOf(azure: Azure, identity: Identity, namespace: string, queue: unknown): Promise<number> {
  const { token } = await azure.authority.sign(identity, 'https://servicebus.azure.net', true)
  return countWith(token, namespace, String(queue))
}

async function countWith(token: string, namespace: string, queue: string): Promise<number> {
  const [name] = queue.split('/')
  const response = await fetch(`https://${namespace}/${name}?api-version=2021-05`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await response.text()
  const count = /<MessageCount>(\d+)</.exec(text)?.[1]
  if (!response.ok || count === undefined)
    throw new Error(`The messages of ${name} cannot be counted: ${response.status} ${text.slice(0, 300)}`)
  return Number(count)
}

/**
 * Fetches an image of a pod as the nodes do, with the identity that AKS made for them.
 * @param image `HOST/REPOSITORY:TAG`
 * @throws {Error} naming the image and the answer.
 */
export async function pullImage(azure: Azure, image: string): Promise<void> {
  const [, host = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? []
  const { registry, identities } = azure.deployment
  const nodes = identities.find(({ app }) => app === 'nodes')
  if (host !== registry?.host || !nodes)
    throw new Error(
      `The image ${image} is not in the registry that the nodes may fetch from, ${registry?.host}.`,
    )
  const { token } = await azure.authority.sign(nodes, registryAudience, true)
  const change = async (path: string, form: Record<string, string>) => {
    const body = new URLSearchParams({ service: host, ...form })
    const response = await fetch(`https://${host}/oauth2/${path}`, { method: 'POST', body })
    if (!response.ok)
      throw new Error(`The nodes do not get ${image}: ${response.status} from /oauth2/${path}`)
    return (await response.json()) as Record<string, string>
  }
  const exchanged = await change('exchange', {
    grant_type: 'access_token',
    access_token: token,
    tenant: azure.deployment.tenantId,
  })
  const { access_token } = await change('token', {
    grant_type: 'refresh_token',
    refresh_token: exchanged.refresh_token ?? '',
    scope: `repository:${repository}:pull`,
  })
  const response = await fetch(`https://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  if (!response.ok) throw new Error(`The nodes do not get ${image}: ${response.status}`)
}

/**
 * Takes the lock by which one instance of an app is the primary one, as every host does when it starts
 * (Azure/azure-functions-host, `PrimaryHostCoordinator` and `BlobLeaseManager`).
 * @throws {Error} naming the answer.
 */
export async function takeHostLock(azure: Azure, running: FunctionApp): Promise<void> {
  const { app } = running
  const { AzureWebJobsStorage__clientId, AzureWebJobsStorage__blobServiceUri: storage } = app.settings
  if (!app.pod) demandCredential(running, 'AzureWebJobsStorage')
  const clientId = AzureWebJobsStorage__clientId ?? app.pod?.clientId
  const identity = identityOf(azure, clientId, 'AzureWebJobsStorage__clientId')
  const { token } = await azure.authority.sign(identity, storageAudience, true)
  const put = async (path: string, headers: Record<string, string>, ...expected: number[]) => {
    const response = await fetch(`${storage}/azure-webjobs-hosts${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'x-ms-version': '2025-01-05', ...headers },
      body: '',
    })
    if (!expected.includes(response.status))
      throw new Error(`The host of ${app.name} does not get its lock: ${response.status}`)
  }
  await put('?restype=container', {}, 201, 409)
  const lock = `/locks/${app.service}/host`
  await put(lock, { 'x-ms-blob-type': 'BlockBlob' }, 201, 412)
  await put(`${lock}?comp=lease`, { 'x-ms-lease-action': 'acquire', 'x-ms-lease-duration': '15' }, 201, 409)
}

/**
 * Sends one line of telemetry where the app's settings say, and as whom they say.
 * @throws {Error} naming the answer.
 */
export async function sendTelemetry(azure: Azure, { app }: FunctionApp): Promise<void> {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING, APPLICATIONINSIGHTS_AUTHENTICATION_STRING } = app.settings
  const part = (text: string | undefined, name: string) =>
    new RegExp(`(?:^|;)${name}=([^;]*)`).exec(text ?? '')?.[1] ?? ''
  const clientId = part(APPLICATIONINSIGHTS_AUTHENTICATION_STRING, 'ClientId')
  const identity = identityOf(azure, clientId, 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING')
  const { token } = await azure.authority.sign(identity, monitorAudience, true)
  const endpoint = part(APPLICATIONINSIGHTS_CONNECTION_STRING, 'IngestionEndpoint')
  const response = await fetch(new URL('v2.1/track', endpoint), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-json-stream' },
    body: JSON.stringify({
      name: 'Microsoft.ApplicationInsights.Message',
      time: new Date().toISOString(),
      iKey: part(APPLICATIONINSIGHTS_CONNECTION_STRING, 'InstrumentationKey'),
      data: { baseType: 'MessageData', baseData: { ver: 2, message: 'The host has started.' } },
    }),
  })
  if (!response.ok) throw new Error(`The telemetry of ${app.name} is not taken: ${response.status}`)
}
