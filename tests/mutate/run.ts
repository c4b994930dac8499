/**
 * Changes a folder's code in small ways, one after the other, and names the changes that the folder's own unit tests do not
 * notice: `npm run mutate -- functions/orders`, or with some of its files: `npm run mutate -- contract contract/http.ts`.
 */
import { Stryker } from '@stryker-mutator/core'

const [folder, ...files] = process.argv.slice(2)
if (folder === undefined) throw new Error('which folder? npm run mutate -- functions/orders')
// Inherited by the process that runs the tests, and read by its configuration.
process.env.MUTATE_FOLDER = folder
await new Stryker({
  configFile: 'tests/mutate/stryker.config.json',
  mutate: files.length > 0 ? files : [`${folder}/**/*.ts`, '!**/*.test.ts', '!**/*.functions.ts'],
  vitest: { configFile: 'tests/mutate/vitest.config.ts', related: false },
  jsonReporter: { fileName: `.local/mutation/${folder.replaceAll('/', '-')}.json` },
}).runMutationTest()
