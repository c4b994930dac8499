/** The promise of the durable broker in full: 20 kills under load, 10,000 acknowledged sends. */
import { killUnderLoad } from '../../local/service-bus/tests/kill.ts'

const report = await killUnderLoad({ kills: 20, sends: 10_000 })
console.log({ ...report, lost: report.lost.length, resurrected: report.resurrected.length })
if (report.lost.length > 0 || report.resurrected.length > 0) process.exitCode = 1
