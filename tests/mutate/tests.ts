/** The process that runs the tests over the changes; `all.ts` starts it, and starts another when a change ends it. */
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest, type TestModule } from 'vitest/node'
import { contractAlias } from './contractAlias.ts'
import type { Verdict } from './verdict.ts'

/** What this process is told to do. */
export interface Plan {
  /** The copy of the repository that has the changes. */
  copy: string
  /** The file that the verdicts are written to. */
  verdicts: string
  /** Test files in the order in which they are run. */
  tests: string[]
  /** Those that are to be run still. */
  left: string[]
  /** Those that try the changes of their own folder only. */
  alone: string[]
  /** The file of each change, by its id. */
  fileOf: Record<string, string>
}

/** How often a file is started in which changes leave something behind. */
const mostRounds = 5

const [{ copy, verdicts, tests, left, alone, fileOf }] = (await once(process, 'message')) as [Plan]

const at = (file: string) => tests.findIndex((test) => file.replaceAll('\\', '/').endsWith(`/${test}`))

const vitest = await createVitest(
  'test',
  {
    config: false,
    root: copy,
    include: tests,
    watch: false,
    pool: 'threads',
    maxWorkers: 1,
    runner: join(copy, 'tests/mutate/repeating.ts'),
    testTimeout: 15_000,
    hookTimeout: 120_000,
    // A change may leave a promise behind that nobody awaits.
    dangerouslyIgnoreUnhandledErrors: true,
    onConsoleLog: () => false,
    reporters: [{ onTestModuleEnd: tell }],
    sequence: {
      sequencer: class {
        sort = async <T extends { moduleId: string }>(files: T[]) =>
          files.toSorted((a, b) => at(a.moduleId) - at(b.moduleId))
        shard = async <T>(files: T[]) => files
      },
    },
  },
  { resolve: { alias: contractAlias(copy) } },
)
vitest.provide('verdicts', verdicts)
vitest.provide('alone', alone)
vitest.provide('changes', fileOf)

/** Files in which a change left something behind: the other changes wait for a new worker. */
const again: string[] = []
/** Characters of the verdicts that were looked at. */
let seen = readFileSync(verdicts, 'utf8').length
if (left.length > 0) await vitest.start(left.map((file) => join(copy, file)))
for (let round = 1; again.length > 0 && round < mostRounds; round++) {
  const files = again.splice(0)
  vitest.state.filesMap.clear()
  await vitest.start(files)
}
/** A change of what runs while a file is loaded is only noticed by a file that is loaded with it. */
let isNoticed = false
for (const [id, files] of loadedUnnoticed()) {
  isNoticed = false
  vitest.provide('active', id)
  for (const file of files) {
    vitest.state.filesMap.clear()
    appendFileSync(verdicts, `${JSON.stringify({ id, result: 'begun', test: file } satisfies Verdict)}\n`)
    await vitest.start([join(copy, file)])
    const result = isNoticed ? 'noticed' : 'unnoticed'
    appendFileSync(verdicts, `${JSON.stringify({ id, result, test: file } satisfies Verdict)}\n`)
    if (isNoticed) break
  }
}
await vitest.close()
process.exit(0)

/** Changes that run while a file is loaded and that some test met and did not notice, with the cheap files of their folder. */
function* loadedUnnoticed(): Generator<[id: string, files: string[]]> {
  const known = Map.groupBy(
    readFileSync(verdicts, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Verdict),
    ({ id }) => id,
  )
  for (const [id, of] of known) {
    const results = new Set(of.map(({ result }) => result))
    if (!results.has('loaded') || !results.has('unnoticed')) continue
    if (results.has('noticed') || results.has('timeout')) continue
    const file = fileOf[id]
    if (file === undefined) continue
    const tried = new Set(of.flatMap(({ result, test }) => (result === 'unnoticed' ? [test] : [])))
    const loading = new Set(of.flatMap(({ result, test }) => (result === 'loaded' && test ? [test] : [])))
    const files = [...loading].filter(
      (test) => !alone.includes(test) && !tried.has(test) && tests.includes(test),
    )
    const own = file.replace(/\.ts$/, '.test.ts')
    // The file's own test first, and few others.
    yield [id, files.toSorted((a, b) => Number(b === own) - Number(a === own)).slice(0, 2)]
  }
}

function tell(file: TestModule): void {
  const failed = [...file.children.allTests('failed')]
  if (vitest.getProvidedContext().active) {
    isNoticed = failed.length > 0 || file.state() === 'failed'
    return
  }
  const all = readFileSync(verdicts, 'utf8')
  const isInDoubt = all.slice(seen).includes('"result":"doubtful"')
  seen = all.length
  if (failed.length > 0 || isInDoubt) again.push(file.moduleId)
  else process.send?.(tests[at(file.moduleId)])
}
