/** `npm run test:faults`: 2,000 orders and 12 kills; `node tests/faults/orders.ts ORDERS KILLS SEED` for another size or course. */
import { orderStorm } from './orderStorm.ts'

const [orders = '2000', kills = '12', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
console.log(`${orders} orders, ${kills} kills, seed ${seed}`)
const report = await orderStorm({
  orders: Number(orders),
  kills: Number(kills),
  concurrency: 20,
  killEvery: 6,
  seed: Number(seed),
  onProgress: console.log,
})
console.log(report)
if (report.wrong.length) process.exitCode = 1
