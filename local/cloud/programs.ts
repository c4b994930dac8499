/** The parts of the local cloud, and the program that each of them is. */
import { join } from 'node:path'
import { root } from '../root.ts'
import type { PartOptions } from './part.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'

/** In the order in which they are stopped, which is the reverse of the order in which they need one another. */
export const partNames = [
  'admin',
  'store',
  'host',
  'service-bus',
  'cosmos',
  'blob',
  'openai',
  'console',
] as const
export type PartName = (typeof partNames)[number]

/** What bears on the programs themselves. */
export interface ProgramOptions {
  /** The file of the Service Bus's entities, if not the repository's. */
  serviceBusConfig?: string
  /** A folder in which all parts keep their data; in memory without one. */
  dataFolder?: string
  /** A folder in which the Service Bus alone keeps its messages. */
  serviceBusData?: string
  /** Addresses of development servers that take the place of a web app's built files. */
  devServers?: { store?: string; admin?: string }
  /** Whether the Functions host loads the app again when its bundle or the settings file changes. */
  watchApp?: boolean
}

/**
 * What to run for each part, with which port and settings. `around`: the settings that the file's go before, and those
 * that go before the file's, for a host that reads it anew.
 */
export function programsOf(
  ports: Ports,
  settings: Settings,
  around: { telemetry: Settings; given: Settings },
  {
    serviceBusConfig,
    dataFolder,
    serviceBusData = dataFolder && join(dataFolder, 'service-bus'),
    devServers = {},
    watchApp,
  }: ProgramOptions,
): Record<PartName, PartOptions & { url: string }> {
  const file = (...path: string[]) => join(root, ...path)
  const http = (port: number) => `http://localhost:${port}`

  const webApp = (name: 'store' | 'admin', title: string) => ({
    title,
    url: http(ports[name]),
    port: ports[name],
    // The emulator of the Static Web Apps CLI itself: `swa start` would add a process, a prompt and an update check.
    script: file('local/static-web-app/cli.ts'),
    env: {
      SWA_CLI_HOST: 'localhost',
      SWA_CLI_PORT: String(ports[name]),
      SWA_CLI_APP_SSL: 'false',
      SWA_CLI_OUTPUT_LOCATION: devServers[name] ?? file(`web-${name}`, 'dist'),
      SWA_RUNTIME_CONFIG_LOCATION: devServers[name] ? file(`web-${name}`) : file(`web-${name}`, 'dist'),
      SWA_CLI_API_LOCATION: `http://127.0.0.1:${ports.api}`,
    },
  })

  return {
    blob: {
      title: 'Blob Storage (Azurite)',
      url: http(ports.blob),
      port: ports.blob,
      script: file('node_modules/azurite/dist/src/blob/main.js'),
      args: [
        ...['--blobHost', '127.0.0.1', '--blobPort', String(ports.blob)],
        ...['--disableTelemetry', '--skipApiVersionCheck', '--silent'],
        ...(dataFolder
          ? ['--location', join(dataFolder, 'blob')]
          : ['--inMemoryPersistence', '--extentMemoryLimit', '512']),
      ],
    },
    cosmos: {
      title: 'Cosmos DB',
      url: http(ports.cosmos),
      port: ports.cosmos,
      ready: /^Cosmos DB is ready/,
      script: file('local/cosmos/cli.mjs'),
      args: [
        ...['--port', String(ports.cosmos), '--database', settings.CosmosDatabase ?? 'store'],
        ...['--containers', file('infra/cosmos.json')],
        ...(dataFolder ? ['--data-dir', join(dataFolder, 'cosmos')] : []),
      ],
    },
    'service-bus': {
      title: 'Service Bus',
      url: `sb://localhost:${ports['service-bus']}`,
      port: ports['service-bus'],
      script: file('local/service-bus/cli.mjs'),
      args: [
        ...['--port', String(ports['service-bus']), '--admin-port', String(ports['service-bus-admin'])],
        ...['--config', serviceBusConfig ?? file('infra/service-bus.json')],
        ...(serviceBusData ? ['--data-dir', serviceBusData] : []),
      ],
    },
    openai: {
      title: 'Models (stand-in)',
      url: http(ports.openai),
      port: ports.openai,
      ready: /^The stand-in for the models is ready/,
      script: file('local/openai/cli.ts'),
      args: ['--port', String(ports.openai)],
    },
    console: {
      title: 'Console',
      url: http(ports.console),
      port: ports.console,
      script: file('local/console/cli.ts'),
      args: ['--port', String(ports.console)],
      env: {
        ...settings,
        CONSOLE_HOST: http(ports.api),
        CONSOLE_BUS_ADMIN_PORT: String(ports['service-bus-admin']),
      },
    },
    host: {
      title: 'Functions host',
      url: `${http(ports.api)}/api`,
      port: ports.api,
      ready: /Functions host listening on/,
      debuggable: true,
      ...(watchApp
        ? { script: file('local/cloud/devHost.ts'), args: [JSON.stringify(ports), JSON.stringify(around)] }
        : {
            script: file('local/functions-host/cli.mjs'),
            args: ['--app-root', root, '--port', String(ports.api)],
            env: settings,
          }),
    },
    store: webApp('store', 'Store (Static Web Apps emulator)'),
    admin: webApp('admin', 'Admin (Static Web Apps emulator)'),
  }
}
