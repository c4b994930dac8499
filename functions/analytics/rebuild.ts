/**
 * `npm run analytics:rebuild`: counts all orders anew, as long as that takes. It works on the database of the settings
 * in the environment, else of those in `local.settings.json` or its sample.
 */
import { existsSync, readFileSync } from 'node:fs'

const file = ['local.settings.json', 'local.settings.sample.json'].find((name) => existsSync(name))
const { Values = {} } = file ? (JSON.parse(readFileSync(file, 'utf8')) as { Values?: object }) : {}
for (const [name, value] of Object.entries(Values)) process.env[name] ??= String(value)

try {
  const { recountAll } = await import('./countOrders.ts')
  const hours = await recountAll((soFar) => console.log(`${soFar} hours …`))
  console.log(`Counted ${hours} ${hours === 1 ? 'hour' : 'hours'} anew.`)
} catch (error) {
  const { message, cause } = error as Error
  console.error(cause instanceof Error ? `${message} (${cause.message})` : message)
  process.exitCode = 1
}
