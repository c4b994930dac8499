import { type EntryKey, useQueryCache } from '@pinia/colada'

/**
 * Marks what was read under a key as out of date, and reads again what is on the page; resolves when that is done.
 * A read that fails, or is overtaken by the next one, is the business of whoever shows it.
 */
export function useRenew() {
  const cache = useQueryCache()
  return async (key: EntryKey): Promise<void> => {
    await cache.invalidateQueries({ key }).catch(() => {})
  }
}
