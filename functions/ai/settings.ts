/**
 * The settings of the AI service, under the names the AKS Store Demo has for them. Which provider is meant follows
 * from them; none is a right answer too: then the admin has no AI buttons, and nothing else is missing.
 */
import type { AiCapability } from '@store/contract'

/** A deployment of a model on Azure OpenAI. `apiVersion` is a dated version, or "v1" for the API without versions. */
export interface AzureDeployment {
  endpoint: string
  deployment: string
  apiVersion: string
}

export interface AzureProvider {
  kind: 'azure'
  /** Undefined: the app's identity signs the calls. */
  apiKey: string | undefined
  text: AzureDeployment | undefined
  image: AzureDeployment | undefined
}

export interface OpenAiProvider {
  kind: 'openai'
  baseUrl: string
  apiKey: string
  organization: string | undefined
  model: string
  imageModel: string
}

/** A server on one's own machines that speaks OpenAI's protocol. */
export interface LocalProvider {
  kind: 'local'
  baseUrl: string
  /** Undefined: the first that the server lists. */
  model: string | undefined
}

export interface AiSettings {
  provider: AzureProvider | OpenAiProvider | LocalProvider
  /** Undefined: the model's own. Many reasoning models refuse any other. */
  temperature: number | undefined
  /** Seconds that an answer may take, retries included. Static Web Apps gives up on an API call after 45. */
  timeout: number
  /** Calls a minute that one instance of the app takes, from one user and in all. */
  callsPerMinute: { user: number; all: number }
}

type Env = Record<string, string | undefined>
type Fault = (name: string, reason: string) => void

/** What the configured models can make; nothing where none is configured. */
export function capabilitiesOf(settings: AiSettings | null): AiCapability[] {
  switch (settings?.provider.kind) {
    case 'azure': {
      const { text, image } = settings.provider
      return [...(text ? (['description'] as const) : []), ...(image ? (['image'] as const) : [])]
    }
    case 'openai':
      return ['description', 'image']
    case 'local':
      return ['description']
    default:
      return []
  }
}

/**
 * The AI settings in an environment, or null where it has none.
 * @param fault is told of each setting that is missing or wrong; the result is then not to be used.
 */
export function readAiSettings(env: Env, fault: Fault): AiSettings | null {
  const provider = readProvider(env, fault)
  const temperature = number(env, 'TEMPERATURE', undefined, 0, 2, fault)
  const timeout = number(env, 'AI_TIMEOUT_SECONDS', 40, 1, 230, fault)
  const user = number(env, 'AI_CALLS_PER_MINUTE_PER_USER', 10, 1, 10_000, fault)
  const all = number(env, 'AI_CALLS_PER_MINUTE', 60, 1, 100_000, fault)
  return provider && { provider, temperature, timeout, callsPerMinute: { user, all } }
}

function readProvider(env: Env, fault: Fault): AiSettings['provider'] | null {
  const azure = flag(env, 'USE_AZURE_OPENAI', fault)
  const local = flag(env, 'USE_LOCAL_LLM', fault)
  if (azure && local)
    fault('USE_LOCAL_LLM', 'is true, and so is USE_AZURE_OPENAI; only one provider can be used')
  if (local) return readLocal(env, fault)
  if (azure) return readAzure(env, fault)

  // A switch that is false turns the rest off on purpose; one that is missing was forgotten.
  if (azure === undefined) forgotten(env, /^AZURE_OPENAI_/, 'USE_AZURE_OPENAI', fault)
  if (local === undefined) forgotten(env, /^LOCAL_LLM_/, 'USE_LOCAL_LLM', fault)
  if (env.OPENAI_API_KEY) return readOpenAi(env, env.OPENAI_API_KEY, fault)
  if (env.OPENAI_ORG_ID) fault('OPENAI_API_KEY', 'is not set, but OPENAI_ORG_ID is; for example "sk-…"')
  return null
}

function readAzure(env: Env, fault: Fault): AzureProvider {
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
    kind: 'azure',
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

function readOpenAi(env: Env, apiKey: string, fault: Fault): OpenAiProvider {
  return {
    kind: 'openai',
    baseUrl: env.OPENAI_BASE_URL
      ? url(env, 'OPENAI_BASE_URL', 'https://api.openai.com/v1', fault)
      : 'https://api.openai.com/v1',
    apiKey,
    organization: env.OPENAI_ORG_ID || undefined,
    model: env.OPENAI_MODEL || 'gpt-5.4-mini',
    imageModel: env.OPENAI_IMAGE_MODEL || 'gpt-image-2.5-flare',
  }
}

function readLocal(env: Env, fault: Fault): LocalProvider {
  const endpoint = url(env, 'LOCAL_LLM_ENDPOINT', 'http://localhost:11434/v1', fault)
  return {
    kind: 'local',
    // The demo's settings name the server with or without the path.
    baseUrl: /^https?:\/\/[^/]+$/.test(endpoint) ? `${endpoint}/v1` : endpoint,
    model: env.LOCAL_LLM_MODEL || undefined,
  }
}

/** The address in a setting, without a slash at its end. */
function url(env: Env, name: string, example: string, fault: Fault): string {
  const value = env[name]
  if (!value) fault(name, `is not set; for example "${example}"`)
  else if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
    fault(name, `is not an address; for example "${example}"`)
  return (value ?? '').replace(/\/+$/, '')
}

function flag(env: Env, name: string, fault: Fault): boolean | undefined {
  const value = env[name]?.trim().toLowerCase()
  if (!value) return undefined
  if (!['true', 'false', '1', '0'].includes(value)) fault(name, 'is neither "true" nor "false"')
  return value === 'true' || value === '1'
}

function forgotten(env: Env, names: RegExp, needed: string, fault: Fault) {
  const name = Object.keys(env).find((name) => names.test(name) && env[name])
  if (name) fault(needed, `is not set, but ${name} is; for example "true" to use it, or "false" to leave it`)
}

function number<Default extends number | undefined>(
  env: Env,
  name: string,
  otherwise: Default,
  least: number,
  most: number,
  fault: Fault,
): number | Default {
  const text = env[name]
  if (!text) return otherwise
  const value = Number(text)
  if (!(value >= least && value <= most)) fault(name, `is not a number from ${least} to ${most}`)
  return value
}
