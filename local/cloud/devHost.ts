/**
 * The Functions host of `npm run dev`: it loads the app again when its files change, with the settings file as it is
 * then. `node local/cloud/devHost.ts PORTS AROUND`, both JSON: the ports of the local cloud, and the settings that come
 * after (`telemetry`) and before (`given`) those of the file.
 */
import { watchApp } from '../functions-host/watch.ts'
import { root } from '../root.ts'
import type { Ports } from './ports.ts'
import { localSettings, type Settings } from './settings.ts'

const [ports, { telemetry, given }] = process.argv.slice(2).map((text) => JSON.parse(text)) as [
  Ports,
  { telemetry: Settings; given: Settings },
]

await watchApp({
  appRoot: root,
  args: ['--app-root', root, '--port', String(ports.api), '--watch'],
  environment: () => ({ ...telemetry, ...localSettings(ports), ...given }),
})
