/**
 * Builds the C# scenarios and runs them against a server of this checkout: `node local/cosmos/tests/dotnet/run.ts
 * [part of a name]`. Prints a line a scenario; `npm test -- dotnet` counts them. Gateway mode only; batch and bulk are
 * left out, since the .NET SDK speaks a binary row format there that the server does not.
 */
import { runProject } from '../../../../tests/dotnet.ts'
import { emulatorKey, startCosmos } from '../../index.ts'

const cosmos = await startCosmos({ port: 0 })
try {
  process.exitCode = await runProject(import.meta.dirname, 'cosmos', process.argv.slice(2), {
    COSMOS_ENDPOINT: cosmos.endpoint,
    COSMOS_KEY: emulatorKey,
  })
} finally {
  await cosmos.close()
}
