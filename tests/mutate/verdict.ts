/** What tests say of changes, and what that makes of a change. */

/** What one test said of one change. */
export interface Verdict {
  /** The change's, as Stryker numbers them. */
  id: string
  /**
   * `loaded`: the changed code runs while a file is loaded or set up; `met`: it runs in the test; `unreached`: it does so
   * only the first time; `begun`: the test is run with the change; `noticed`: the test fails; `timeout`: it takes too long; `unnoticed`: it passes; `doubtful`: it
   * failed, and then without the change as well; `untried`: nobody looked.
   */
  result:
    | 'loaded'
    | 'met'
    | 'begun'
    | 'unreached'
    | 'noticed'
    | 'timeout'
    | 'unnoticed'
    | 'doubtful'
    | 'untried'
  test?: string
}

/** What becomes of a change, with the verdicts that make it that; the first that applies. */
export const outcomes = {
  noticed: ['noticed'],
  'timed out': ['timeout'],
  unnoticed: ['unnoticed'],
  'not tried': ['doubtful', 'untried'],
  'only while loading': ['unreached', 'loaded'],
} as const
export type Outcome = keyof typeof outcomes | 'in no test'

export function outcomeOf(results: ReadonlySet<Verdict['result']>): Outcome {
  for (const [outcome, which] of Object.entries(outcomes))
    if (which.some((result) => results.has(result))) return outcome as Outcome
  return 'in no test'
}
