import { createStoreClient } from '@store/contract/store-client'
import { watched } from '@store/web-ui/telemetry/apiCalls.ts'

/** The store's API, on the page's own origin. */
export const api = createStoreClient({ fetch: watched(fetch.bind(globalThis)) })
