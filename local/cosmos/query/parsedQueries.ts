import { parseQuery } from './parser.ts'
import type { Query } from './syntax.ts'

/** Programs ask the same few queries again and again: the ones that were asked last stay parsed. */
const parsed = new Map<string, Query>()
const mostQueries = 200
const longestQuery = 4096

/** A query as `parseQuery` reads it; nobody may change it. Throws `QueryError`. */
export function parsedQuery(text: string): Query {
  const found = parsed.get(text)
  if (found) return found
  const query = parseQuery(text)
  if (text.length > longestQuery) return query
  if (parsed.size >= mostQueries) parsed.clear()
  parsed.set(text, query)
  return query
}
