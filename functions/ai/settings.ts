/**
 * The settings of the AI service, under the names the AKS Store Demo has for them. Which provider is meant follows
 * from them; none is a right answer too: then the admin has no AI buttons, and nothing else is missing.
 */
import type { AiCapability } from '@store/contract'
import { readSettings } from '../platform/config.ts'
import { type Env, type Fault, flag, number } from '../platform/environment.ts'
import { type ProviderKind, providerKinds, providerOf } from './providers/providers.ts'

export interface AiSettings {
  /** Which provider, and what it read for itself. */
  provider: { kind: ProviderKind; settings: unknown }
  /** Undefined: the model's own. Many reasoning models refuse any other. */
  temperature: number | undefined
  /** Seconds that an answer may take, retries included. Static Web Apps gives up on an API call after 45. */
  timeout: number
  /** Calls a minute that one instance of the app takes, from one user and in all. */
  callsPerMinute: { user: number; all: number }
}

/** What the configured models can make; nothing where none is configured. */
export const capabilitiesOf = (ai: AiSettings | null): AiCapability[] =>
  ai ? providerOf(ai.provider.kind).capabilities(ai.provider.settings) : []

/**
 * The AI settings in an environment, or null where it has none.
 * @param fault is told of each setting that is missing or wrong; the result is then not to be used.
 */
export function readAiSettings(env: Env, fault: Fault): AiSettings | null {
  const provider = readProvider(env, fault)
  const temperature = number(env, 'TEMPERATURE', undefined, { least: 0, most: 2 }, fault)
  const timeout = number(env, 'AI_TIMEOUT_SECONDS', 40, { least: 1, most: 230 }, fault)
  const user = number(env, 'AI_CALLS_PER_MINUTE_PER_USER', 10, { least: 1, most: 10_000 }, fault)
  const all = number(env, 'AI_CALLS_PER_MINUTE', 60, { least: 1, most: 100_000 }, fault)
  return provider && { provider, temperature, timeout, callsPerMinute: { user, all } }
}

function readProvider(env: Env, fault: Fault): AiSettings['provider'] | null {
  const switches = providerKinds.flatMap((kind) => {
    const own = providerOf(kind).switch
    return own ? [{ ...own, kind, isOn: flag(env, own.name, fault) }] : []
  })
  const [chosen, other] = switches.filter(({ isOn }) => isOn)
  if (chosen && other) fault(chosen.name, `is true, and so is ${other.name}; only one provider can be used`)
  // A switch that is false turns the rest off on purpose; one that is missing was forgotten.
  const left = chosen ? [] : switches.filter(({ isOn }) => isOn === undefined)
  for (const { name, decidesOn } of left) forgotten(env, decidesOn, name, fault)

  const asked = chosen ? [chosen.kind] : providerKinds.filter((kind) => !providerOf(kind).switch)
  for (const kind of asked) {
    const settings = providerOf(kind).settings(env, fault)
    if (settings) return { kind, settings }
  }
  return null
}

/** Faults a switch that is not set although a setting that it decides about is. */
function forgotten(env: Env, names: RegExp, needed: string, fault: Fault): void {
  const name = Object.keys(env).find((name) => names.test(name) && env[name])
  if (name) fault(needed, `is not set, but ${name} is; for example "true" to use it, or "false" to leave it`)
}

let current: { settings: AiSettings | null } | undefined

/**
 * The AI settings of this process, read from its environment on the first call; null where no provider is configured.
 * @throws {ConfigError} naming every one that is missing or wrong.
 */
export function aiSettings(): AiSettings | null {
  current ??= { settings: readSettings(process.env, readAiSettings) }
  return current.settings
}
