import { computed, onScopeDispose, shallowRef, type WritableComputedRef } from 'vue'

/**
 * A value kept in this browser's local storage and shared by its tabs. What is stored may be old or tampered with:
 * `read` makes a right value of whatever is there (undefined when nothing is), or of the default.
 * Replace the value to change it; it is not deeply reactive.
 */
export function useStored<T>(key: string, read: (stored: unknown) => T): WritableComputedRef<T> {
  const value = shallowRef(load())

  function load(): T {
    try {
      return read(JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined)
    } catch {
      return read(undefined)
    }
  }

  function onStorage(event: StorageEvent) {
    if (event.key === key || event.key === null) value.value = load()
  }

  addEventListener('storage', onStorage)
  onScopeDispose(() => removeEventListener('storage', onStorage), true)

  return computed({
    get: () => value.value,
    set(next) {
      value.value = next
      try {
        localStorage.setItem(key, JSON.stringify(next))
      } catch {
        // Storage is full or refused: the value lives as long as the page.
      }
    },
  })
}
