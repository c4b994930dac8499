/** The promise of the local Cosmos DB in full: 20 kills under load, 10,000 acknowledged writes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killUnderLoad } from '../../local/cosmos/tests/kill.ts'

const folder = await mkdtemp(join(tmpdir(), 'cosmos-'))
try {
  const report = await killUnderLoad({ folder, kills: 20, writes: 10_000 })
  console.log({ ...report, lost: report.lost.length, torn: report.torn.length })
  if (report.lost.length > 0 || report.torn.length > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
