import { emptyFrame } from './frame.ts'
import { parsedCondition } from './parsedQueries.ts'
import { compileExpression } from './queryCompiler.ts'
import { Scope } from './scope.ts'
import type { Document, Json } from './source.ts'

/** The condition of a patch, `FROM c WHERE …`, as a test of the document. Throws `QueryError`. */
export function compileCondition(text: string, now = Date.now()): (document: Document) => boolean {
  const { alias, where } = parsedCondition(text)
  const scope = new Scope({ parameters: new Map(), now, slots: 0 })
  const slot = scope.add(alias, { start: 0, end: 0 })
  const test = compileExpression(where, scope)
  return (document) => {
    const frame = emptyFrame(now)
    frame.slots[slot] = document as Json
    return test(frame) === true
  }
}
