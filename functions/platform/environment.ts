/** How a setting is read from the environment: each reader says of a wrong one what it is, and shows a right one. */

export type Env = Readonly<Record<string, string | undefined>>

/** Is told of each setting that is missing or wrong, and why. */
export type Fault = (name: string, reason: string) => void

/** A switch; undefined where it is not set. */
export function flag(env: Env, name: string, fault: Fault): boolean | undefined {
  const value = env[name]?.trim().toLowerCase()
  if (!value) return undefined
  if (!['true', 'false', '1', '0'].includes(value))
    fault(name, 'is neither "true" nor "false"; for example "true"')
  return value === 'true' || value === '1'
}

/** The address in a setting that has to be there, without a slash at its end. */
export function url(env: Env, name: string, example: string, fault: Fault): string {
  const value = env[name]?.trim()
  if (!value) fault(name, `is not set; for example "${example}"`)
  else if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
    fault(name, `is not an address; for example "${example}"`)
  return (value ?? '').replace(/\/+$/, '')
}

/** Between which numbers a setting is, both of them included. */
export interface Bounds {
  least: number
  most: number
  whole?: boolean
}

/** A number within bounds, or `otherwise` where the setting is not set. */
export function number<Default extends number | undefined>(
  env: Env,
  name: string,
  otherwise: Default,
  { least, most, whole = false }: Bounds,
  fault: Fault,
): number | Default {
  const text = env[name]?.trim()
  if (!text) return otherwise
  const value = Number(text)
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    fault(
      name,
      `is not a ${whole ? 'whole ' : ''}number from ${least} to ${most}; for example "${otherwise ?? least}"`,
    )
  return value
}
