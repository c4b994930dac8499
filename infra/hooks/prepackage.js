/** Builds everything once, with the repository's own Node and packages: `infra/package.ts`. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, setEnvironment } from './tools.js'

const root = dirname(dirname(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url))))

// azd asks for this before it packs the first service.
const onFunctions = process.env.HOSTING !== 'aks'
const simulated = onFunctions && Number(process.env.ORDERS_PER_HOUR ?? 0) > 0
await setEnvironment('SIMULATION_ENABLED', String(simulated))
await setEnvironment('FUNCTIONS_ENABLED', String(onFunctions))

const child = spawn(process.execPath, ['local/bootstrap/run.mjs', 'infra/package.ts'], {
  cwd: root,
  stdio: 'inherit',
})
child.once('error', ({ message }) => fail(`The build did not start: ${message}`))
child.once('close', (code) => code === 0 || fail('The build failed; the reason is above.'))
