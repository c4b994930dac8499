/** OpenAI's own models. */
import { type Env, type Fault, url } from '../../platform/environment.ts'
import { connect } from '../sdk.ts'
import type { Provider } from './provider.ts'

interface OpenAiSettings {
  baseUrl: string
  apiKey: string
  organization: string | undefined
  model: string
  imageModel: string
}

export const openAi: Provider<OpenAiSettings> = {
  settings(env, fault) {
    if (env.OPENAI_API_KEY) return read(env, env.OPENAI_API_KEY, fault)
    if (env.OPENAI_ORG_ID) fault('OPENAI_API_KEY', 'is not set, but OPENAI_ORG_ID is; for example "sk-…"')
    return null
  },
  telemetryName: 'openai',
  capabilities: () => ['description', 'image'],
  client: ({ baseUrl, apiKey, organization = null }, _, timeout) =>
    connect({ baseURL: baseUrl, apiKey, organization, timeout }),
  model: async (_, { model, imageModel }, use) => (use === 'text' ? model : imageModel),
}

function read(env: Env, apiKey: string, fault: Fault): OpenAiSettings {
  return {
    baseUrl: env.OPENAI_BASE_URL
      ? url(env, 'OPENAI_BASE_URL', 'https://api.openai.com/v1', fault)
      : 'https://api.openai.com/v1',
    apiKey,
    organization: env.OPENAI_ORG_ID || undefined,
    model: env.OPENAI_MODEL || 'gpt-5.4-mini',
    imageModel: env.OPENAI_IMAGE_MODEL || 'gpt-image-2.5-flare',
  }
}
