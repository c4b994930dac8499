/** A local cloud of a test file's own, for tests that break things or look at what no one else may touch. */
import { afterAll } from 'vitest'
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '../../local/cloud/cloud.ts'

/** Starts a local cloud on any free ports that ends with the test file. Call it in the file's body or `beforeAll`. */
export async function ownCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const cloud = await startLocalCloud({
    ...options,
    onEvent: (event) => {
      if (event.type === 'ended') console.error(event.error.message)
    },
  })
  afterAll(() => cloud.stop())
  return cloud
}
