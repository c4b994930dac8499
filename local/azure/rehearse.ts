/** `npm run azure:rehearse`: what `infra/` would deploy runs here, and the story of the store is told with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onEnding } from '../commands/endings.ts'
import { refuseTakenByNpm } from '../commands/npmOptions.ts'
import { type Evaluated, evaluateCluster, evaluateFunctions } from './evaluated.ts'
import { options, readOptions, usage } from './options.ts'
import { tellStory, tryWithout } from './rehearsal.ts'
import { faultsOf, reportOf, trialText } from './report.ts'
import { startWorld, type World } from './world.ts'

const profiles = { functions: evaluateFunctions, aks: evaluateCluster }
const values = readArguments()
let world: World | undefined
let isEnding = false
keepInOneFolder()
onEnding(() => void end())

process.exitCode = 0
for (const name of values.profiles) {
  console.log(`\n${name}`)
  try {
    if (!(await rehearse(await profiles[name]()))) process.exitCode = 1
  } catch (error) {
    if (!isEnding) console.error((error as Error).message)
    process.exitCode = 1
  }
}

function readArguments() {
  refuseTakenByNpm('npm run azure:rehearse', Object.keys(options))
  try {
    const values = readOptions(process.argv.slice(2))
    if (!values.help) return values
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(1)
  }
}

/** Whatever is written lies in one folder, which goes with this process, however that ends. */
function keepInOneFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'))
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) process.env[name] = folder
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
}

/** Stops in good order what has started; the parts of what is still starting end with this process. */
async function end(): Promise<void> {
  if (isEnding) process.exit(130)
  isEnding = true
  console.log('Stopping …')
  await world?.close()
  process.exit(130)
}

/** @returns whether all went well. */
async function rehearse(evaluated: Evaluated): Promise<boolean> {
  const begin = performance.now()
  world = await startWorld(evaluated.deployment, {
    ...(values.verbose && { onLine: (app, line) => console.log(`  ${app.service} | ${line}`) }),
  })
  try {
    const since = () => ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`What the template deploys runs here (${since()} s).\n`)
    let isGood = true
    await tellStory(world, ({ chapter, seconds, faults }) => {
      if (isEnding) return
      if (faults.length) isGood = false
      console.log(`${faults.length ? '✗' : '✓'} ${chapter} (${seconds.toFixed(1)} s)`)
      for (const fault of faults) console.log(`    ${fault}`)
    })
    const { azure } = world
    console.log(`\n${reportOf(azure)}`)
    const faults = faultsOf(azure)
    if (faults.length) console.log(['', ...faults].join('\n✗ '))
    if (faults.length) isGood = false
    if (values['without-each']) isGood = (await tryWithoutEach(world, evaluated)) && isGood
    console.log(`\n${isGood ? 'All went well' : 'Not all went well'} (${since()} s).`)
    return isGood
  } finally {
    await world.close()
    world = undefined
  }
}

/** @returns whether somebody missed each right. */
async function tryWithoutEach(world: World, evaluated: Evaluated): Promise<boolean> {
  const { deployment } = evaluated
  console.log('')
  let isMissed = true
  for (const assignment of deployment.assignments) {
    const trial = await tryWithout(world, evaluated, assignment)
    if (isEnding) return false
    console.log(trialText(deployment, trial))
    if (!trial.refused) isMissed = false
  }
  return isMissed
}
