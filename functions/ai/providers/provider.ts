/** What a provider of models has to say of itself; `providers.ts` lists them. */
import type { AiCapability } from '@store/contract'
import type { Env, Fault } from '../../platform/environment.ts'
import type { Client } from '../sdk.ts'

/** What a model is for. */
export type Use = 'text' | 'image'

/** `Settings` is what the provider read from the environment. */
export interface Provider<Settings> {
  /** The setting that asks for it, and the names of those that mean nothing without; one without a switch is asked for by what it reads. */
  switch?: { name: string; decidesOn: RegExp }
  /** Null where a provider without a switch is not asked for. `fault` is told of each setting that is missing or wrong. */
  settings(env: Env, fault: Fault): Settings | null
  /** `gen_ai.provider.name` of OpenTelemetry's conventions, where they have one for it. */
  telemetryName: string
  capabilities(settings: Settings): AiCapability[]
  /** Null where it has no model for that use. `timeout`: seconds that an answer may take. */
  client(settings: Settings, use: Use, timeout: number): Promise<Client | null>
  /** The name of the model, asked for at each call. */
  model(client: Client, settings: Settings, use: Use, signal: AbortSignal): Promise<string>
  /** How it knows the limit of an answer's length: servers of one's own know the older name only. */
  lengthLimit?: 'max_tokens'
}
