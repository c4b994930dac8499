/** What all browser tests share: the local cloud with both web apps, and a browser to open them with. */
import type { TestProject } from 'vitest/node'
import { partNames } from '../../local/cloud/programs.ts'
import { findChromium } from './chromium.ts'
import { shareCloud } from './sharedCloud.ts'

// Without the console, to which the app would tell of each page: its tests start a cloud of their own.
const startCloud = shareCloud(partNames.filter((name) => name !== 'console'))

export default async function setup(project: TestProject) {
  project.provide('chromium', await findChromium())
  return startCloud(project)
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the browser's program. */
    chromium: string
  }
}
