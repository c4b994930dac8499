/**
 * Builds the C# scenarios and runs them against a broker of this checkout: `node local/service-bus/tests/dotnet/run.ts
 * [part of a name]`. Prints a line a scenario; `npm test -- dotnet` counts them.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runProject } from '../../../../tests/dotnet.ts'
import { root } from '../../../root.ts'
import { startServiceBus } from '../../index.ts'
import { config } from './entities.ts'
import { startInterruptible } from './interruptible.ts'

const bus = await startServiceBus({ port: 0, adminPort: 0, tls: true, config })
const interruptible = await startInterruptible()
const trusted = join(root, '.local', 'dotnet', 'service-bus.crt')
try {
  await mkdir(dirname(trusted), { recursive: true })
  await writeFile(trusted, bus.certificate ?? '')
  process.exitCode = await runProject(import.meta.dirname, 'service-bus', process.argv.slice(2), {
    BUS: bus.connectionString,
    BUS_TLS: bus.connectionString.replace('UseDevelopmentEmulator=true;', ''),
    SSL_CERT_FILE: trusted,
    BUS_ADMINISTRATION: bus.adminConnectionString ?? '',
    BUS_INTERRUPTIBLE: interruptible.connectionString,
    BUS_INTERRUPT: interruptible.control,
  })
} finally {
  await Promise.all([bus.close(), interruptible.close()])
}
