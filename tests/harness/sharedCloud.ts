/** One local cloud for all test files of a project. Tests that would disturb others start their own (`cloud.ts`). */
import type { TestProject } from 'vitest/node'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import type { PartName } from '../../local/cloud/programs.ts'

/** What test files get of the shared cloud: `inject('cloud')`. */
export type SharedCloud = Pick<LocalCloud, 'ports' | 'urls' | 'settings'>

/** Makes a global setup that runs these parts on any free ports, and stops them at the end. */
export function shareCloud(parts: readonly PartName[]) {
  return async (project: TestProject) => {
    const cloud = await startLocalCloud({
      parts,
      onEvent: (event) => {
        if (event.type === 'ended') console.error(event.error.message)
      },
    })
    project.provide('cloud', { ports: cloud.ports, urls: cloud.urls, settings: cloud.settings })
    return () => cloud.stop()
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    cloud: SharedCloud
  }
}
