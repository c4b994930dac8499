/**
 * The load test while Cosmos DB and the Functions host are killed in turn: `node tests/faults/load.ts ORDERS KILLS`, 2,000
 * and 8 unless given. Each accepted order must be there once and be made once.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalCloud } from '../../local/cloud/cloud.ts'
import { ratesOf, runLoad } from '../../local/commands/loadTest.ts'
import { storedOrders } from '../harness/inside.ts'

const [orders = 2_000, kills = 8] = process.argv.slice(2).map(Number)
if (![orders, kills].every((number) => Number.isInteger(number) && number > 0))
  throw new Error('node tests/faults/load.ts ORDERS KILLS: both are whole numbers from 1 up.')
const victims = ['cosmos', 'host'] as const

const folder = await mkdtemp(join(tmpdir(), 'load-'))
// What a host left behind between storing and telling is told soon.
const settings = { REPUBLISH_SCHEDULE: '*/5 * * * * *' }
const cloud = await startLocalCloud({ dataFolder: folder, settings })
try {
  let killed = 0
  let killing = Promise.resolve()
  const kill = async (part: (typeof victims)[number]) => {
    await cloud.kill(part)
    console.log(`${part} killed`)
    await cloud.start(part)
  }
  const report = await runLoad({
    url: cloud.urls.api,
    orders,
    concurrency: 50,
    // The broker gives the messages of a dead host to another after a minute.
    patience: 180_000,
    onProgress({ accepted }) {
      if (killed === kills || accepted < ((killed + 1) * orders) / (kills + 1)) return
      const part = victims[killed++ % victims.length] as (typeof victims)[number]
      killing = killing.then(() => kill(part))
    },
  })
  await killing
  const stored = await storedOrders(cloud.settings)
  const { accepted, made, retries, refused, lost, doubled, seconds } = report
  const rates = ratesOf(report.times, Math.min(1_000, Math.floor(orders / 10)))
  console.log({
    ...{ accepted, made, retries, seconds, rates, kills: killed, stored: stored.length },
    ...{ refused: [...refused], lost: lost.length, doubled: doubled.length },
  })
  const isExact = stored.length === accepted && accepted === orders && killed === kills
  if (!isExact || lost.length || doubled.length) process.exitCode = 1
} finally {
  await cloud.stop()
  await rm(folder, { recursive: true, force: true })
}
