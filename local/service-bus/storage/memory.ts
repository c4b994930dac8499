import type { Store } from '../broker.ts'
import { forgetfulCatalogue } from '../catalogue.ts'
import { forgetful } from '../engine/journal.ts'

/** A store that keeps nothing: the queues live as long as the process. */
export function memoryStore(): Store {
  return {
    journal: forgetful,
    catalogue: forgetfulCatalogue,
    restore: () => new Map(),
    afterCommit: (callback) => callback(),
    close() {},
  }
}
