/**
 * The Functions host of `npm run dev`: it loads the app again when its files change, with the settings file as it is
 * then. `node local/cloud/devHost.ts PORTS GIVEN`, both JSON: the ports of the local cloud, and settings that come before
 * those of the file.
 */
import { watchApp } from '../functions-host/watch.ts'
import { root } from '../root.ts'
import type { Ports } from './ports.ts'
import { localSettings, type Settings } from './settings.ts'

const [ports, given] = process.argv.slice(2).map((text) => JSON.parse(text)) as [Ports, Settings]

await watchApp({
  appRoot: root,
  args: ['--app-root', root, '--port', String(ports.api), '--watch'],
  environment: () => ({ ...localSettings(ports), ...given }),
})
