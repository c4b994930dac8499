import { createStoreClient } from '@store/contract/store-client'

/** The store's API, on the page's own origin. */
export const api = createStoreClient()
