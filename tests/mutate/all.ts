/**
 * Changes all of `functions/` and `contract/` in small ways, as Stryker does, and counts the changes that their unit tests
 * notice: `npm run mutate:all`, or of some folders or files only: `npm run mutate:all -- functions/orders`. Each test file
 * is started once and its tests are run again for each change (`repeating.ts`), so that all takes about an hour, where
 * `npm run mutate`, which starts anew for each change, would take a day. Writes what it finds to `.local/mutation/NAME`
 * (`--name`; `all`), from where `--resume` goes on.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createVitest, type TestModule } from 'vitest/node'
import { root } from '../../local/root.ts'
import { type Change, copyWithChanges } from './copy.ts'
import { type Outcome, outcomeOf, type Verdict } from './verdict.ts'

const { positionals: wanted, values } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true, default: ['{contract,functions}/**/*.test.ts'] },
    name: { type: 'string', default: 'all' },
    resume: { type: 'boolean', default: false },
  },
})

/** They would judge a change by what the database charges, or build the bundle anew for each. */
const left = /(requestUnits|measuredUnits|build)\.test\.ts$/
/** How often a file is started in which changes leave something behind. */
const mostRounds = 15
/** The order of the files: what many stand on is best told by its own tests, and the slowest are `functions/ai`'s. */
const ranks = [
  'contract',
  ...['orders', 'products', 'makeline', 'simulation', 'analytics', 'platform'].map(
    (name) => `functions/${name}`,
  ),
]

const copy = join(root, '.local', 'mutate', values.name)
const found = join(root, '.local', 'mutation', values.name)
const verdicts = join(found, 'verdicts.jsonl')
mkdirSync(found, { recursive: true })
// What is known goes on to count, as long as nothing but tests changes meanwhile.
writeFileSync(verdicts, '', { flag: values.resume ? 'a' : 'w' })
const changes = (await copyWithChanges(root, copy)).filter(
  ({ fileName }) => wanted.length === 0 || wanted.some((name) => fileName.startsWith(name)),
)
writeFileSync(join(found, 'changes.json'), JSON.stringify(changes))

const rankOf = (file: string) => {
  const rank = ranks.findIndex((folder) => file.startsWith(`${folder}/`))
  return rank < 0 ? ranks.length : rank
}
const startsTheCloud = (file: string) =>
  /\bstart\w*(Dependencies|Services)\b/.test(readFileSync(join(copy, file), 'utf8'))
const tests = values.tests
  .flatMap((pattern) => globSync(pattern, { cwd: copy }))
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !left.test(file))
  .toSorted((a, b) => rankOf(a) - rankOf(b) || Number(startsTheCloud(a)) - Number(startsTheCloud(b)))

/** The contract's files by name: packages are linked to the repository, and the changes are in its copy. */
const { exports } = JSON.parse(readFileSync(join(copy, 'contract/package.json'), 'utf8')) as {
  exports: Record<string, string>
}
const alias = Object.entries(exports).map(([path, file]) => ({
  find: new RegExp(`^@store/contract${path.slice(1)}$`),
  replacement: join(copy, 'contract', file),
}))

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
  { resolve: { alias } },
)
vitest.provide('verdicts', verdicts)
vitest.provide('changes', Object.fromEntries(changes.map(({ id, fileName }) => [id, fileName])))
vitest.provide('alone', tests.filter(startsTheCloud))
/** Files in which a change left something behind: the others wait for a new process. */
const again: string[] = []
/** Characters of the verdicts that were looked at. */
let told = 0
await vitest.start()
for (let round = 1; again.length > 0 && round < mostRounds; round++) {
  const files = again.splice(0)
  vitest.state.filesMap.clear()
  await vitest.start(files)
}
await vitest.close()
report()

function tell(file: TestModule): void {
  const failed = [...file.children.allTests('failed')].map(({ fullName }) => fullName)
  const isInDoubt = readFileSync(verdicts, 'utf8').slice(told).includes('"result":"doubtful"')
  told = readFileSync(verdicts, 'utf8').length
  if (failed.length > 0 || isInDoubt) again.push(file.moduleId)
  console.log(
    `${new Date().toLocaleTimeString()} ${tests[at(file.moduleId)]}${failed.length ? `: FAILED without a change: ${failed}` : ''}`,
  )
}

/** Prints what became of the changes, by folder, and writes down those that nobody noticed. */
function report(): void {
  const results = new Map<string, Set<Verdict['result']>>()
  for (const line of readFileSync(verdicts, 'utf8').split('\n').filter(Boolean)) {
    const { id, result } = JSON.parse(line) as Verdict
    results.set(id, (results.get(id) ?? new Set()).add(result))
  }
  const rows: Record<string, Partial<Record<Outcome, number>>> = {}
  const missed: string[] = []
  for (const change of changes) {
    const outcome = outcomeOf(results.get(change.id) ?? new Set())
    for (const name of [folderOf(change.fileName), 'all']) {
      rows[name] ??= {}
      const row = rows[name]
      row[outcome] = (row[outcome] ?? 0) + 1
    }
    if (['unnoticed', 'not tried', 'in no test'].includes(outcome))
      missed.push(`${outcome}: ${textOf(change)}`)
  }
  writeFileSync(join(found, 'missed.txt'), missed.join('\n'))
  console.table(
    Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, score: scoreOf(row) }])),
  )
}

const folderOf = (file: string) =>
  /^(contract|functions(?:\/platform\/telemetry|\/\w+(?=\/))?)/.exec(file)?.[0] ?? file

/** Of the changes that run in some test, or in none at all, the share that was noticed. */
function scoreOf(row: Partial<Record<Outcome, number>>): string {
  const sum = (...names: Outcome[]) => names.reduce((all, name) => all + (row[name] ?? 0), 0)
  const noticed = sum('noticed', 'timed out')
  return `${((100 * noticed) / (noticed + sum('unnoticed', 'not tried', 'in no test'))).toFixed(1)} %`
}

function textOf({ fileName, location: { start, end }, mutatorName, replacement }: Change): string {
  const lines = readFileSync(join(root, fileName), 'utf8').split('\n')
  const first = lines[start.line]?.slice(start.column, start.line === end.line ? end.column : undefined)
  return `${fileName}:${start.line + 1} ${mutatorName}: ${first} → ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}`
}
