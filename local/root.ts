import { fileURLToPath } from 'node:url'

/** The root of the repository, which is the root of the function app. */
export const root = fileURLToPath(new URL('..', import.meta.url))
