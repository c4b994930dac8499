/** When a command of the local cloud has to end. */

/**
 * Calls `stop` with the exit code when the command is told to end, or when the bootstrap that started it is gone. What
 * the end of a terminal means the bootstrap decides (`bootstrap/run.mjs`), where there is one: under `nohup` it means nothing.
 */
export function onEnding(stop: (code: number) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0))
  process.on('SIGHUP', () => {
    if (!process.connected || process.platform === 'win32') stop(0)
  })
  process.on('disconnect', () => stop(1))
  // Whoever listens for the end of the bootstrap would wait for it; a command that has done its work ends by itself.
  process.channel?.unref()
}
