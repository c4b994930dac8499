import { parseCondition, parseQuery } from './parser.ts'

const mostTexts = 200
const longestText = 4096

/** A query as `parseQuery` reads it; nobody may change it. Throws `QueryError`. */
export const parsedQuery = remembered(parseQuery)

/** The condition of a patch as `parseCondition` reads it; nobody may change it. Throws `QueryError`. */
export const parsedCondition = remembered(parseCondition)

/** Programs ask the same few queries again and again: the ones that were asked last stay parsed. */
function remembered<T>(parse: (text: string) => T): (text: string) => T {
  const parsed = new Map<string, T>()
  return (text) => {
    const found = parsed.get(text)
    if (found) return found
    const result = parse(text)
    if (text.length > longestText) return result
    if (parsed.size >= mostTexts) parsed.clear()
    parsed.set(text, result)
    return result
  }
}
