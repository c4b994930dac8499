/** How often an app that ended by itself is started again. The real host gives up after the third time, too. */
const times = 3

/** How long an end counts, in milliseconds. */
const remembered = 60_000

/** Answers, at each end of the app, whether it may be started again. */
export function limitRestarts(): () => boolean {
  let restarts: number[] = []
  return () => {
    const now = performance.now()
    restarts = restarts.filter((at) => now - at < remembered)
    if (restarts.length === times) return false
    restarts.push(now)
    return true
  }
}
