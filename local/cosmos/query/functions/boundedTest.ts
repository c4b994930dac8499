import { createContext, Script } from 'node:vm'
import { QueryError } from '../error.ts'

/** In milliseconds: a pattern such as `^(a+)+$` would take longer than the universe has. */
const longest = 500

const context = createContext({ pattern: undefined, text: undefined })
const script = new Script('pattern.test(text)')

/** Whether a pattern is found in a text. Throws `QueryError` when that takes too long: it would stop the whole server. */
export function boundedTest(pattern: RegExp, text: string): boolean {
  // Only what repeats can take long; the guard costs 0.2 ms.
  if (!/[*+{]/.test(pattern.source)) return pattern.test(text)
  Object.assign(context, { pattern, text })
  try {
    return script.runInContext(context, { timeout: longest }) as boolean
  } catch {
    throw new QueryError(`The pattern of REGEXMATCH took longer than ${longest} ms for one text.`)
  }
}
