/**
 * A test runner that runs each test once as it is, to see which changes its code meets, and then once more for each of
 * these changes that no test has noticed yet. All runs of a test share its file's set-up, the local cloud included, so a
 * change costs the time of its tests alone. Whether a failure is the change's is asked of the test itself: it must pass
 * again without the change, or else what the change left behind made it fail, and the test judges no other change.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { inject, type RunnerTestCase as Test, TestRunner } from 'vitest'
import type { Verdict } from './verdict.ts'

interface Stryker {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}
const place = globalThis as { __stryker__?: Stryker }
place.__stryker__ ??= {}
const stryker = place.__stryker__

/**
 * Milliseconds: how long a run of a test may take so that changes of other folders are tried in it; how long all runs of
 * a test, and of a file, may take until no other change is tried.
 */
const patience = { others: 150, test: 45_000, file: 240_000 }

/** In how many tests of other folders a change is tried. */
const triesElsewhere = 4

/** What a test is doing: running as it is, with a change, or as it is again after one with which it failed. */
type Phase =
  | { kind: 'asIs' }
  | { kind: 'changed'; id: string }
  | { kind: 'again'; id: string; result: 'noticed' | 'timeout' }

export default class Repeating extends TestRunner {
  readonly #verdicts = inject('verdicts')
  readonly #alone = inject('alone')
  readonly #fileOf = new Map(Object.entries(inject('changes')))
  readonly #noticed = new Set<string>()
  /** Changes of which a test file left a doubt, by the name of the test. */
  readonly #doubtful = new Map<string, string>()
  readonly #loaded = new Set<string>()
  /** Change and test of which is known that the test does not notice the change. */
  readonly #unnoticed = new Set<string>()
  /** How often a change went unnoticed. */
  readonly #tries = new Map<string, number>()
  readonly #begin = performance.now()
  /** The change that all of the file is run with, if there is one. */
  readonly #active = inject('active')
  /** How many changes were switched on in this process. */
  #switched = 0

  constructor(config: ConstructorParameters<typeof TestRunner>[0]) {
    super(config)
    stryker.activeMutant = this.#active
    for (const line of readFileSync(this.#verdicts, 'utf8').split('\n').filter(Boolean))
      this.#know(JSON.parse(line) as Verdict)
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test)
    if (this.#active || (test.mode !== 'run' && test.mode !== 'queued')) return
    const state: State = { phase: { kind: 'asIs' }, hits: {}, left: [], runs: 0, begin: performance.now() }
    states.set(test, state)
    // Vitest asks after each run whether there is another: the number of runs is only known as they go.
    test.repeats = { valueOf: () => state.runs } as unknown as number
  }

  override onBeforeTryTask(test: Test, options: Parameters<TestRunner['onBeforeTryTask']>[1]): void {
    super.onBeforeTryTask(test, options)
    const state = states.get(test)
    if (!state) return
    const { phase } = state
    stryker.hitCount = undefined
    stryker.activeMutant = phase.kind === 'changed' ? phase.id : undefined
    // What runs with a change is not what runs while a file is loaded.
    stryker.currentTestId = phase.kind === 'asIs' ? test.id : 'changed'
    if (phase.kind === 'changed') {
      stryker.hitCount = 0
      stryker.hitLimit = (state.hits[phase.id] ?? 0) * 100 + 10_000
    }
  }

  override async onAfterRetryTask(
    test: Test,
    options: Parameters<TestRunner['onAfterRetryTask']>[1],
  ): Promise<void> {
    await super.onAfterRetryTask(test, options)
    const state = states.get(test)
    const result = test.result
    if (!state || !result) return
    stryker.activeMutant = undefined
    stryker.currentTestId = undefined
    const failed = result.state === 'fail'
    const { phase } = state
    if (phase.kind === 'asIs') {
      if (failed || result.state === 'skip') return
      state.hits = stryker.mutantCoverage?.perTest[test.id] ?? {}
      state.left = this.#choose(test, state)
    } else if (phase.kind === 'changed' && failed) {
      const message = result.errors?.at(-1)?.message ?? ''
      const how = /timed out|Hit count limit/.test(message) ? 'timeout' : 'noticed'
      // Nothing was changed before, so it is this change that the test fails with.
      if (this.#switched === 1) this.#tell({ id: phase.id, result: how, test: nameOf(test) })
      state.phase = { kind: 'again', id: phase.id, result: how }
    } else if (phase.kind === 'changed') {
      this.#tell({ id: phase.id, result: stryker.hitCount ? 'unnoticed' : 'unreached', test: nameOf(test) })
    } else {
      if (!this.#noticed.has(phase.id))
        this.#tell({ id: phase.id, result: failed ? 'doubtful' : phase.result, test: nameOf(test) })
      if (failed) this.#leave(test, state.left.splice(0))
    }
    // What a change did to the test is no failure of this run.
    result.state = 'pass'
    result.errors = undefined as never
    result.attempts = []
    if (state.phase.kind === 'again' && phase.kind === 'changed') state.runs++
    else this.#next(test, state)
  }

  /** The changes to try in a test, those of its own folder first. */
  #choose(test: Test, { hits, begin }: State): string[] {
    const folder = dirname(test.file.name)
    const isOwn = (id: string) => {
      const file = this.#fileOf.get(id) ?? ''
      return folder === 'functions' ? dirname(file) === folder : file.startsWith(`${folder}/`)
    }
    this.#write(...Object.keys(hits).map((id) => ({ id, result: 'met' as const })))
    const known = Object.keys(hits).filter((id) => this.#fileOf.has(id) && !this.#noticed.has(id))
    const open = known.filter((id) => !this.#unnoticed.has(`${id} ${nameOf(test)}`))
    // In a new process there is no doubt about the first change, so what was doubtful comes before all others.
    const doubts = [...this.#doubtful].filter(([id]) => this.#switched === 0 && !this.#noticed.has(id))
    const [first] = doubts.find(([, name]) => name === nameOf(test)) ?? []
    if (!first && doubts.some(([, name]) => name.startsWith(`${test.file.name} > `))) return []
    const clear = open.filter((id) => !this.#doubtful.has(id))
    // A file whose time is over tries no more; a slow test tries what it is about.
    const now = performance.now()
    const isOver = now - this.#begin > patience.file
    const most = now - begin > patience.others || this.#alone.includes(test.file.name) ? 0 : triesElsewhere
    const others = clear.filter(
      (id) => !isOwn(id) && !this.#loaded.has(id) && (this.#tries.get(id) ?? 0) < most,
    )
    const chosen = isOver ? [] : [...clear.filter(isOwn), ...others]
    this.#leave(
      test,
      open.filter((id) => !chosen.includes(id) && !this.#loaded.has(id)),
    )
    return first ? [first, ...chosen] : chosen
  }

  /** Has the test run once more with the next change, where there is one. */
  #next(test: Test, state: State): void {
    if (performance.now() - state.begin > patience.test) this.#leave(test, state.left.splice(0))
    const id = state.left.shift()
    if (id === undefined) return
    this.#switched++
    this.#write({ id, result: 'begun', test: nameOf(test) })
    state.phase = { kind: 'changed', id }
    state.runs++
  }

  override onAfterRunFiles(files: Parameters<TestRunner['onAfterRunFiles']>[0]): void {
    super.onAfterRunFiles(files)
    if (this.#active) return
    const loaded = Object.keys(stryker.mutantCoverage?.static ?? {})
    this.#write(...loaded.map((id) => ({ id, result: 'loaded' as const, test: files[0]?.name ?? '' })))
  }

  #leave(test: Test, ids: string[]): void {
    this.#write(...ids.map((id) => ({ id, result: 'untried' as const, test: nameOf(test) })))
  }

  #tell(verdict: Verdict): void {
    this.#know(verdict)
    this.#write(verdict)
  }

  #know({ id, result, test }: Verdict): void {
    if (result === 'noticed' || result === 'timeout') this.#noticed.add(id)
    if (result === 'doubtful') this.#doubtful.set(id, test ?? '')
    if (result === 'loaded') this.#loaded.add(id)
    if (result !== 'unnoticed' && result !== 'unreached') return
    this.#unnoticed.add(`${id} ${test}`)
    this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1)
  }

  #write(...verdicts: Verdict[]): void {
    appendFileSync(this.#verdicts, verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join(''))
  }
}

interface State {
  phase: Phase
  /** How often the test met each change's place. */
  hits: Record<string, number>
  left: string[]
  /** The number of the last run that there is to be. */
  runs: number
  begin: number
}
const states = new WeakMap<Test, State>()

const nameOf = (test: Test) => `${test.file.name} > ${test.name}`

declare module 'vitest' {
  interface ProvidedContext {
    /** The file that the verdicts are written to. */
    verdicts: string
    /** Test files that try the changes of their own folder only: others could leave much behind in what they started. */
    alone: string[]
    active: string | undefined
    /** The file of each change, by its id. */
    changes: Record<string, string>
  }
}
