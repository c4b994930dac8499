/** What `npm run azure:rehearse` is told. */
import { parseArgs } from 'node:util'

export const profileNames = ['functions', 'aks'] as const

export const usage = `npm run azure:rehearse [-- OPTION…]

  --profile NAME    ${profileNames.join(' or ')}; both unless given
  --without-each    takes out each role assignment in turn: somebody must miss it
  --verbose         shows what every app writes
`

export const options = {
  profile: { type: 'string' },
  'without-each': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** @throws {Error} naming the option that is wrong, and what is right. */
export function readOptions(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options })
  const { profile } = values
  const profiles = profileNames.filter((name) => profile === undefined || name === profile)
  if (!profiles.length) throw new Error(`There is no profile ${profile}, but ${profileNames.join(' and ')}.`)
  return { ...values, profiles }
}
