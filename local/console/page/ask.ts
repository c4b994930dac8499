/** Calls of the console's own interface. */

/** @throws {Error} with what the console says. */
export async function ask<T>(path: string, method = 'GET', body?: object): Promise<T> {
  const answer = await fetch(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch(() => {
    throw new Error('The console does not answer. Does the local cloud still run?')
  })
  if (answer.status === 204) return undefined as T
  const told = await answer.json()
  if (!answer.ok) throw new Error(told.detail ?? `The console answered ${answer.status}.`)
  return told as T
}
