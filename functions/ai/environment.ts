/** How the settings of the AI service are read from the environment. */
import type { Fault } from '../platform/config.ts'

export type Env = Record<string, string | undefined>

/** The address in a setting, without a slash at its end. */
export function url(env: Env, name: string, example: string, fault: Fault): string {
  const value = env[name]
  if (!value) fault(name, `is not set; for example "${example}"`)
  else if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
    fault(name, `is not an address; for example "${example}"`)
  return (value ?? '').replace(/\/+$/, '')
}

/** A switch: undefined where it is not set. */
export function flag(env: Env, name: string, fault: Fault): boolean | undefined {
  const value = env[name]?.trim().toLowerCase()
  if (!value) return undefined
  if (!['true', 'false', '1', '0'].includes(value)) fault(name, 'is neither "true" nor "false"')
  return value === 'true' || value === '1'
}

/** Faults a switch that is not set although a setting that it decides about is. */
export function forgotten(env: Env, names: RegExp, needed: string, fault: Fault) {
  const name = Object.keys(env).find((name) => names.test(name) && env[name])
  if (name) fault(needed, `is not set, but ${name} is; for example "true" to use it, or "false" to leave it`)
}

/** A number within bounds, or `otherwise` where the setting is not set. */
export function number<Default extends number | undefined>(
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
