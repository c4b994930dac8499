/**
 * Options that were meant for a command and that npm took for its own, because no `--` stood before them: it hands them
 * on as `npm_config_any_ports`, and the command would run as if nothing had been said.
 */

/**
 * @param script how the command is called, e.g. `npm run dev`.
 * @param options the command's options, without their hyphens.
 * @returns a sentence that names the options and the right way to give them; undefined when there are none.
 */
export function takenByNpm(
  script: string,
  options: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const taken = options.flatMap((option) => {
    const value = env[`npm_config_${option.replaceAll('-', '_')}`]
    return value ? [value === 'true' ? `--${option}` : `--${option}=${value}`] : []
  })
  if (!taken.length) return undefined
  return `npm took ${taken.join(' ')} for an option of its own; with two hyphens before it comes here: ${script} -- ${taken.join(' ')}`
}

/** Ends the process, with that sentence, when npm took an option. */
export function refuseTakenByNpm(script: string, options: readonly string[]): void {
  const sentence = takenByNpm(script, options)
  if (!sentence) return
  console.error(sentence)
  process.exit(1)
}
