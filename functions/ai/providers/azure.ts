/** Models on Azure OpenAI: a deployment each for text and for pictures, with a key or as the app's identity. */
import { type Env, type Fault, flag, url } from '../../platform/environment.ts'
import { identity } from '../../platform/identity.ts'
import { unavailable } from '../../platform/problem.ts'
import { type Client, connect, connectToAzure } from '../sdk.ts'
import type { Provider } from './provider.ts'

/** A deployment of a model on Azure OpenAI. `apiVersion` is a dated version, or "v1" for the API without versions. */
interface AzureDeployment {
  endpoint: string
  deployment: string
  apiVersion: string
}

interface AzureSettings {
  /** Undefined: the app's identity signs the calls. */
  apiKey: string | undefined
  text: AzureDeployment | undefined
  image: AzureDeployment | undefined
}

export const azure: Provider<AzureSettings> = {
  switch: { name: 'USE_AZURE_OPENAI', decidesOn: /^AZURE_OPENAI_/ },
  settings: read,
  telemetryName: 'azure.ai.openai',
  capabilities: ({ text, image }) => [
    ...(text ? (['description'] as const) : []),
    ...(image ? (['image'] as const) : []),
  ],
  client: (settings, use, timeout) => clientFor(settings, settings[use], timeout),
  model: async (_, settings, use) => settings[use]?.deployment ?? '',
}

function read(env: Env, fault: Fault): AzureSettings {
  const withIdentity = flag(env, 'USE_AZURE_AD', fault)
  if (!withIdentity && !env.AZURE_OPENAI_API_KEY) {
    fault(
      'AZURE_OPENAI_API_KEY',
      'is not set; set it, or USE_AZURE_AD to "true" to sign in with the app’s identity',
    )
  }
  const deployment = env.AZURE_OPENAI_DEPLOYMENT_NAME
  const imageDeployment = env.AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME
  if (!deployment && !imageDeployment) {
    fault('AZURE_OPENAI_DEPLOYMENT_NAME', 'is not set; for example "gpt-5.4-mini"')
  }
  const ofImages = ['AZURE_OPENAI_IMAGE_ENDPOINT', 'AZURE_OPENAI_IMAGE_API_VERSION'].find((name) => env[name])
  if (ofImages && !imageDeployment) {
    fault('AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME', `is not set, but ${ofImages} is; for example "gpt-image-2"`)
  }
  const address = (name: string) => url(env, name, 'https://NAME.openai.azure.com/', fault)
  const imageEndpoint = env.AZURE_OPENAI_IMAGE_ENDPOINT && address('AZURE_OPENAI_IMAGE_ENDPOINT')
  const endpoint = deployment || !imageEndpoint ? address('AZURE_OPENAI_ENDPOINT') : ''
  const apiVersion = env.AZURE_OPENAI_API_VERSION || 'v1'
  return {
    apiKey: withIdentity ? undefined : env.AZURE_OPENAI_API_KEY,
    text: deployment ? { endpoint, deployment, apiVersion } : undefined,
    image: imageDeployment
      ? {
          endpoint: imageEndpoint || endpoint,
          deployment: imageDeployment,
          apiVersion: env.AZURE_OPENAI_IMAGE_API_VERSION || apiVersion,
        }
      : undefined,
  }
}

async function clientFor(
  { apiKey }: AzureSettings,
  deployment: AzureDeployment | undefined,
  timeout: number,
): Promise<Client | null> {
  if (!deployment) return null
  const { endpoint, apiVersion } = deployment
  const credential = apiKey ?? (await tokenProvider())
  // Azure's API without versions is OpenAI's own, under the resource's address.
  return apiVersion === 'v1'
    ? connect({ baseURL: `${endpoint}/openai/v1`, apiKey: credential, timeout })
    : connectToAzure({ baseURL: `${endpoint}/openai`, apiVersion, credential, timeout })
}

/** Tokens for the app's identity; they are kept until shortly before they run out. */
async function tokenProvider() {
  const { getBearerTokenProvider } = await import('@azure/identity')
  const token = getBearerTokenProvider(await identity(), 'https://cognitiveservices.azure.com/.default')
  return async () => {
    const tooSlow = AbortSignal.timeout(10_000)
    const gaveUp = new Promise<never>((_, reject) => {
      tooSlow.addEventListener('abort', () => reject(tooSlow.reason), { once: true })
    })
    try {
      return await Promise.race([token(), gaveUp])
    } catch (error) {
      throw unavailable('The sign-in of the app’s identity', error)
    }
  }
}
