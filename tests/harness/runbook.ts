/** The runbook of docs/operations.md, as alerts name its parts. */
import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')

/** Each part, by its anchor as GitHub makes it of the heading. */
export const runbook: ReadonlyMap<string, string> = new Map(
  text.split(/^### /m).map((part) => {
    const title = (part.split('\n', 1)[0] ?? '').toLowerCase()
    return [title.replace(/[^\w -]/g, '').replaceAll(' ', '-'), part]
  }),
)

/** What each part has to have. */
export const runbookWords = ['**Cause**', '**Check**', '**Cure**']
