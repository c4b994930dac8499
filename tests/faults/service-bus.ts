/**
 * The promises of the local Service Bus in full, over TCP, TLS and WebSockets: 20 kills under load with 10,000 acknowledged
 * sends, and every attack of the fuzz tests. `node tests/faults/service-bus.ts [CARRIER]` takes one carrier alone.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from '../../local/root.ts'
import { carriers } from '../../local/service-bus/tests/carriers.ts'
import { killUnderLoad } from '../../local/service-bus/tests/kill.ts'

const [wanted] = process.argv.slice(2)
const chosen = carriers.filter((carrier) => wanted === undefined || carrier === wanted)
if (chosen.length === 0) throw new Error(`'${wanted}' is none of ${carriers.join(', ')}.`)

for (const carrier of chosen) {
  const report = await killUnderLoad({ kills: 20, sends: 10_000, carrier })
  console.log({ carrier, ...report, lost: report.lost.length, resurrected: report.resurrected.length })
  if (report.lost.length > 0 || report.resurrected.length > 0) process.exitCode = 1
}

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const files = ['fuzz', 'longLived'].map((name) => `local/service-bus/tests/${name}.test.ts`)
const fuzz = ['run', '--project', 'unit', ...files, '--testTimeout', '300000']
const only = wanted === undefined ? [] : ['-t', `over ${wanted}`]
const child = spawn(process.execPath, [vitest, ...fuzz, ...only], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ: 'full' },
})
const [code] = await once(child, 'exit')
if (code !== 0) process.exitCode = 1
