import type { Right } from './access.ts'
import type { EntraOptions } from './entra.ts'
import type { SharedAccessKey } from './sharedAccess.ts'

/** What the command line names: a tier, and files that say who gets in. Each refusal has its place and what would be right. */

const tiers = ['Premium', 'Standard'] as const
const rights: readonly string[] = ['Listen', 'Manage', 'Send'] satisfies Right[]

export function readTier(text: string): (typeof tiers)[number] {
  const tier = tiers.find((known) => known === text)
  if (tier === undefined) throw new Error(`--tier: '${text}' is none; there are ${tiers.join(' and ')}.`)
  return tier
}

/** Reads `[{ "name", "key", "rights" }]`; rights may be left out and are then all. */
export function readKeys(text: string, file: string): SharedAccessKey[] {
  const all = parse(text, file)
  if (!Array.isArray(all)) throw new Error(`${file}: a list of keys is wanted.`)
  return all.map((each: unknown, i) => {
    const place = `${file}: [${i}]`
    const key = objectWith(each, ['name', 'key', 'rights'], place)
    for (const name of ['name', 'key']) {
      if (typeof key[name] !== 'string' || key[name] === '')
        throw new Error(`${place}.${name}: a text is wanted.`)
    }
    const given = key.rights ?? [...rights]
    if (!Array.isArray(given) || given.length === 0 || !given.every((right) => rights.includes(right))) {
      throw new Error(`${place}.rights: a list of ${rights.join(', ')} is wanted.`)
    }
    return key as unknown as SharedAccessKey
  })
}

/** Reads `{ "keys": a JSON Web Key Set, "issuer", "audience" }`. */
export function readEntra(text: string, file: string): EntraOptions {
  const entra = objectWith(parse(text, file), ['keys', 'issuer', 'audience'], file)
  const keys = entra.keys as { readonly keys?: unknown } | null | undefined
  if (!Array.isArray(keys?.keys) || keys.keys.length === 0) {
    throw new Error(`${file}: keys: a JSON Web Key Set is wanted, { "keys": [ … ] }.`)
  }
  for (const name of ['issuer', 'audience']) {
    if (entra[name] !== undefined && typeof entra[name] !== 'string') {
      throw new Error(`${file}: ${name}: a text is wanted.`)
    }
  }
  return entra as unknown as EntraOptions
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new Error(`${file}: this is not JSON: ${(error as Error).message}`)
  }
}

function objectWith(value: unknown, known: readonly string[], place: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`${place}: an object is wanted.`)
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${place}: '${unknown}' is none of ${known.join(', ')}.`)
  return value as Record<string, unknown>
}
