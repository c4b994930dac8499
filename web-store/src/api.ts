import { createClient } from '@store/contract/client'

/** The store's API, on the page's own origin. */
export const api = createClient()
