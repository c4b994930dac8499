/**
 * Builds the C# scenarios and runs them against a broker of this checkout: `node local/service-bus/tests/dotnet/run.ts
 * [part of a name]`. Prints a line a scenario; `npm test -- dotnet` counts them.
 */
import { runProject } from '../../../../tests/dotnet.ts'
import { startServiceBus } from '../../index.ts'
import { config } from './entities.ts'

const bus = await startServiceBus({ port: 0, adminPort: 0, config })
try {
  process.exitCode = await runProject(import.meta.dirname, 'service-bus', process.argv.slice(2), {
    BUS: bus.connectionString,
    BUS_ADMINISTRATION: bus.adminConnectionString ?? '',
  })
} finally {
  await bus.close()
}
