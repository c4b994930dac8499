import { setTimeout as wait } from 'node:timers/promises'

/**
 * Asks again and again until the answer is neither null, undefined nor false, and returns it.
 * @throws {Error} naming what was waited for, and why the last try failed, after `seconds`.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  seconds = 40,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + seconds * 1000
  let fault: unknown
  do {
    try {
      const answer = await ask()
      if (answer !== null && answer !== undefined && answer !== false)
        return answer as Exclude<T, null | undefined | false>
      fault = undefined
    } catch (error) {
      fault = error
    }
    await wait(100)
  } while (Date.now() < deadline)
  throw new Error(`Waited ${seconds} s in vain: ${what}`, fault === undefined ? {} : { cause: fault })
}
