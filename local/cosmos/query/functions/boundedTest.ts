import { type Context, createContext, Script } from 'node:vm'
import { QueryError } from '../error.ts'

/** In milliseconds: a pattern such as `^(a+)+$` would take longer than the universe has. */
const longest = 500

/** Made for the first pattern that needs it: few queries have one, and every start would wait for it. */
let guard: { readonly context: Context; readonly script: Script } | undefined

/** Whether a pattern is found in a text. Throws `QueryError` when that takes too long: it would stop the whole server. */
export function boundedTest(pattern: RegExp, text: string): boolean {
  // Only what repeats can take long; the guard costs 0.2 ms.
  if (!/[*+{]/.test(pattern.source)) return pattern.test(text)
  guard ??= { context: createContext(), script: new Script('pattern.test(text)') }
  Object.assign(guard.context, { pattern, text })
  try {
    return guard.script.runInContext(guard.context, { timeout: longest }) as boolean
  } catch {
    throw new QueryError(`The pattern of REGEXMATCH took longer than ${longest} ms for one text.`)
  }
}
