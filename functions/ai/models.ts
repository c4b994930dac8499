/** The models that the settings name, and the clients that reach them: each client is made once. */
import { once } from '../platform/once.ts'
import { notSetUp } from './failures.ts'
import type { Use } from './providers/provider.ts'
import { providerOf } from './providers/providers.ts'
import type { Client } from './sdk.ts'
import { aiSettings } from './settings.ts'

/** A model and the client that reaches it. */
export interface Model {
  client: Client
  model: string
}

/**
 * The model for a use.
 * @throws {ProblemError} 404 where none is set up, 502 where a local server does not have the one that the settings name.
 */
export async function modelFor(use: Use, signal: AbortSignal): Promise<Model> {
  const client = await clients[use]()
  const { kind, settings } = configured(use).provider
  return { client, model: await providerOf(kind).model(client, settings, use, signal) }
}

const clientFor = (use: Use) =>
  once(async () => {
    const { provider, timeout } = configured(use)
    const client = await providerOf(provider.kind).client(provider.settings, use, timeout)
    if (!client) throw nothingFor(use)
    return client
  })

const clients = { text: clientFor('text'), image: clientFor('image') }

function configured(use: Use) {
  const ai = aiSettings()
  if (!ai) throw nothingFor(use)
  return ai
}

const nothingFor = (use: Use) => notSetUp(use === 'text' ? 'Writing descriptions' : 'Drawing pictures')
