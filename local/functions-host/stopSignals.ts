/** How this process is told to end: by a signal, the message `stop` of its parent, or the end of that parent. */

/** One Ctrl+C may come twice, from the terminal and from npm: within this time it is the same one. Milliseconds. */
const repeated = 500

/** Calls `stop` the first time, and `quit` when whoever asked does not want to wait and asks again. */
export function onStopSignals(stop: () => unknown, quit: () => unknown): void {
  let asked: number | undefined
  const ask = () => {
    if (asked === undefined) {
      asked = performance.now()
      stop()
    } else if (performance.now() - asked > repeated) {
      quit()
    }
  }
  process.on('SIGTERM', ask)
  process.on('SIGINT', ask)
  process.on('message', (message) => void (message === 'stop' && ask()))
  if (process.connected) process.on('disconnect', ask)
}
