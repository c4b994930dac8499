import { expect, test, vi } from 'vitest'

// As Cosmos DB answers an identity with the role "Cosmos DB Built-in Data Reader" on the container.
vi.mock('../platform/cosmos.ts', async (original) => ({
  ...(await original<object>()),
  container: async () => ({
    item: () => ({ read: async () => ({ resource: undefined }) }),
    items: {
      batch: async () => {
        throw Object.assign(new Error('Forbidden'), { code: 403 })
      },
    },
  }),
}))

test('a store that may not write products says that the catalogue is not there yet, and opens none', async () => {
  vi.stubEnv('AUTH', 'swa')
  vi.stubEnv('CosmosConnection__accountEndpoint', 'https://x.documents.azure.com/')
  vi.stubEnv('ServiceBusConnection__fullyQualifiedNamespace', 'x.servicebus.windows.net')
  vi.stubEnv('ImagesConnection__blobServiceUri', 'https://x.blob.core.windows.net')
  const { readCatalogue } = await import('./productStore.ts')
  await expect(readCatalogue()).rejects.toMatchObject({ status: 503, retryAfter: expect.any(Number) })
})
