/**
 * Changes all of `functions/` and `contract/` in small ways, as Stryker does, and counts the changes that their unit tests
 * notice: `npm run mutate:all`, or of some folders or files only: `npm run mutate:all -- functions/orders`. Each test file
 * is started once and its tests are run again for each change (`repeating.ts`), so that a change costs the time of its tests
 * and no new process. All of it takes hours: take a folder and its own tests (`--tests GLOB`). Writes
 * what it finds to `.local/mutation/NAME` (`--name`; `all`), from where `--resume` goes on while nothing but tests changes.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../local/root.ts'
import { type Change, copyWithChanges } from './copy.ts'
import type { Plan } from './tests.ts'
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
/** Milliseconds without a word after which a process is taken to be stuck with a change. */
const stuck = 60_000
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

await runTests(tests)
report()

/** Runs test files over all changes. A change that never gives the processor back is ended with its process, and the rest goes on. */
async function runTests(files: string[]): Promise<void> {
  const left = new Set(files)
  const plan: Omit<Plan, 'left'> = {
    copy,
    verdicts,
    tests: files,
    alone: files.filter(startsTheCloud),
    fileOf: Object.fromEntries(changes.map(({ id, fileName }) => [id, fileName])),
  }
  for (let isStuck = true; isStuck; ) {
    const child = fork(join(import.meta.dirname, 'tests.ts'))
    child.send({ ...plan, left: [...left] } satisfies Plan)
    child.on('message', (file) => {
      console.log(`${new Date().toLocaleTimeString()} ${file}`)
      left.delete(String(file))
    })
    const watch = setInterval(() => {
      if (Date.now() - statSync(verdicts).mtimeMs < stuck) return
      const last = JSON.parse(readFileSync(verdicts, 'utf8').trimEnd().split('\n').at(-1) ?? '{}') as Verdict
      if (last.result !== 'begun' || !child.kill('SIGKILL')) return
      appendFileSync(verdicts, `${JSON.stringify({ ...last, result: 'timeout' } satisfies Verdict)}\n`)
    }, 5_000)
    const [code, signal] = await once(child, 'exit')
    clearInterval(watch)
    isStuck = signal === 'SIGKILL'
    if (code) throw new Error(`the tests ended with ${code}`)
  }
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

function folderOf(file: string): string {
  return /^(contract|functions(?:\/platform\/telemetry|\/\w+(?=\/))?)/.exec(file)?.[0] ?? file
}

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
