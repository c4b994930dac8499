/** Marks a context whose parent is the word of a caller whom nobody knows. */
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

const key = createContextKey('store.from_stranger')

export const fromStranger: Context = ROOT_CONTEXT.setValue(key, true)

/** Whether the parent in a context is a stranger's word. */
export const isFromStranger = (of: Context): boolean => of.getValue(key) === true
