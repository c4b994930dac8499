/**
 * The models, whatever the provider. This file and `failures.ts` are the ones that know the `openai` SDK; it is loaded
 * on the first call and never before. The SDK gets every setting from here, so that it takes none from the environment,
 * where `OPENAI_LOG=debug`, for one, would write prompts to the log.
 */
import type { OpenAI } from 'openai'
import { config } from '../platform/config.ts'
import { identity } from '../platform/identity.ts'
import { once } from '../platform/once.ts'
import { ProblemError, unavailable } from '../platform/problem.ts'
import { notSetUp } from './failures.ts'
import { fetchWithShortWaits } from './retryAfter.ts'
import type { AzureDeployment, AzureProvider } from './settings.ts'

/** A model and the client that reaches it. */
export interface Model {
  client: OpenAI
  model: string
}

/** Tries beyond the first, on time-outs, 408, 409, 429 and 5xx; the SDK waits between them as it is told, or 0.5 to 8 s. */
const options = {
  maxRetries: 2,
  logLevel: 'off',
  organization: null,
  project: null,
  adminAPIKey: null,
} as const

/** Two waits and three tries have to fit into the time that an answer may take. */
const patience = () => ({ fetch: fetchWithShortWaits((config().ai?.timeout ?? 0) / 4) })

const writer = once(async (): Promise<OpenAI> => {
  const provider = config().ai?.provider
  if (provider?.kind === 'azure' && provider.text) return azureClient(provider, provider.text)
  if (provider?.kind === 'openai')
    return openAiClient(provider.baseUrl, provider.apiKey, provider.organization)
  // Such servers want no key, and the SDK does not go without one.
  if (provider?.kind === 'local') return openAiClient(provider.baseUrl, 'none')
  throw notSetUp('Writing descriptions')
})

const painter = once(async (): Promise<OpenAI> => {
  const provider = config().ai?.provider
  if (provider?.kind === 'azure' && provider.image) return azureClient(provider, provider.image)
  if (provider?.kind === 'openai')
    return openAiClient(provider.baseUrl, provider.apiKey, provider.organization)
  throw notSetUp('Drawing pictures')
})

/**
 * The model that writes.
 * @throws {ProblemError} 404 where none is set up, 502 where a local server does not have the one that the settings name.
 */
export async function textModel(signal: AbortSignal): Promise<Model> {
  const client = await writer()
  const provider = config().ai?.provider
  switch (provider?.kind) {
    case 'azure':
      return { client, model: provider.text?.deployment ?? '' }
    case 'openai':
      return { client, model: provider.model }
    default:
      return { client, model: await localModel(client, provider?.model, signal) }
  }
}

/**
 * The model that draws.
 * @throws {ProblemError} 404 where none is set up.
 */
export async function imageModel(): Promise<Model> {
  const client = await painter()
  const provider = config().ai?.provider
  const model =
    provider?.kind === 'azure'
      ? provider.image?.deployment
      : provider?.kind === 'openai' && provider.imageModel
  return { client, model: model || '' }
}

async function azureClient({ apiKey }: AzureProvider, { endpoint, apiVersion }: AzureDeployment) {
  const { AzureOpenAI } = await import('openai')
  const credential = apiKey ?? (await tokenProvider())
  // Azure's API without versions is OpenAI's own, under the resource's address.
  if (apiVersion === 'v1') return openAiClient(`${endpoint}/openai/v1`, credential)
  return new AzureOpenAI({
    ...options,
    ...patience(),
    baseURL: `${endpoint}/openai`,
    apiVersion,
    ...(typeof credential === 'string'
      ? { apiKey: credential }
      : { apiKey: undefined, azureADTokenProvider: credential }),
  })
}

async function openAiClient(
  baseURL: string,
  apiKey: string | (() => Promise<string>),
  organization: string | null = null,
) {
  const { OpenAI } = await import('openai')
  return new OpenAI({ ...options, ...patience(), baseURL, apiKey, organization })
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

/** The model that the settings name, or else the first that the server lists: asked each time, for such servers swap models. */
async function localModel(client: OpenAI, wanted: string | undefined, signal: AbortSignal) {
  const { data } = await client.models.list({ signal })
  const found = wanted ? data.find(({ id }) => id === wanted) : data[0]
  if (found) return found.id
  throw new ProblemError(
    502,
    wanted
      ? 'The local model server does not have the model that LOCAL_LLM_MODEL names.'
      : 'The local model server has no model.',
    { cause: { wanted, has: data.map(({ id }) => id) } },
  )
}
