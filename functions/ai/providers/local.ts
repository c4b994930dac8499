/** A server on one's own machines that speaks OpenAI's protocol. It writes, and draws nothing. */
import { type Env, type Fault, url } from '../../platform/environment.ts'
import { ProblemError } from '../../platform/problem.ts'
import { type Client, connect } from '../sdk.ts'
import type { Provider } from './provider.ts'

interface LocalSettings {
  baseUrl: string
  /** Undefined: the first that the server lists. */
  model: string | undefined
}

export const local: Provider<LocalSettings> = {
  switch: { name: 'USE_LOCAL_LLM', decidesOn: /^LOCAL_LLM_/ },
  settings: read,
  telemetryName: 'local',
  capabilities: () => ['description'],
  // Such servers want no key, and the SDK does not go without one.
  client: async ({ baseUrl }, use, timeout) =>
    use === 'text' ? connect({ baseURL: baseUrl, apiKey: 'none', timeout }) : null,
  model: (client, { model }, _, signal) => localModel(client, model, signal),
  lengthLimit: 'max_tokens',
}

function read(env: Env, fault: Fault): LocalSettings {
  const endpoint = url(env, 'LOCAL_LLM_ENDPOINT', 'http://localhost:11434/v1', fault)
  return {
    // The demo's settings name the server with or without the path.
    baseUrl: /^https?:\/\/[^/]+$/.test(endpoint) ? `${endpoint}/v1` : endpoint,
    model: env.LOCAL_LLM_MODEL || undefined,
  }
}

/** The model that the settings name, or else the first that the server lists: asked each time, for such servers swap models. */
async function localModel(client: Client, wanted: string | undefined, signal: AbortSignal) {
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
