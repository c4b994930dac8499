/** A server in a process of its own, to be killed: `node process.ts FOLDER`. Writes its address. */
import { startCosmos } from '../index.ts'

const cosmos = await startCosmos({
  port: 0,
  dataDir: process.argv[2] as string,
  databases: [{ id: 'd', containers: [{ id: 'c', partitionKey: { paths: ['/pk'] } }] as never }],
})
console.log(cosmos.endpoint)
