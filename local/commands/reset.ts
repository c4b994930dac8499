/** `npm run reset [-- --data FOLDER]`: deletes what the local cloud has kept. */
import { parseArgs } from 'node:util'
import { DataInUseError, deleteData, usualDataFolder } from '../cloud/data.ts'

const { values } = parseArgs({ options: { data: { type: 'string' } } })
const folder = values.data ?? usualDataFolder
try {
  deleteData(folder)
  console.log(`The local cloud's data is deleted: ${folder}`)
} catch (error) {
  if (!(error instanceof DataInUseError)) throw error
  console.error(`A local cloud runs on ${folder}. Stop it first.`)
  process.exitCode = 1
}
