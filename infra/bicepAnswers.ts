/** What the compiler answered before, kept below `node_modules/.cache`. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root } from '../local/root.ts'

const folder = join(root, 'node_modules', '.cache', 'bicep', 'answers')
const week = 7 * 86_400_000

/**
 * Asks for what is not known yet. An answer follows from the compiler, the question, the file that it is about and the
 * templates beside it: a change in any of them makes another question of it.
 */
export function keptAnswers(compiler: string) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder))
    if (statSync(join(folder, name)).mtimeMs < Date.now() - week) rmSync(join(folder, name), { force: true })
  const { size, mtimeMs } = statSync(compiler)
  return async (file: string, question: object, ask: () => Promise<unknown>): Promise<unknown> => {
    const hash = createHash('sha256').update(
      JSON.stringify([compiler, size, mtimeMs, basename(file), question]),
    )
    const beside = readdirSync(dirname(file)).filter((name) => /\.(bicep|json)$/.test(name))
    for (const name of new Set([...beside.sort(), basename(file)]))
      hash.update(JSON.stringify([name, readFileSync(join(dirname(file), name), 'utf8')]))
    const kept = join(folder, `${hash.digest('hex')}.json`)
    try {
      return JSON.parse(readFileSync(kept, 'utf8'))
    } catch {
      const answer = await ask()
      writeFileSync(kept, JSON.stringify(answer))
      return answer
    }
  }
}
