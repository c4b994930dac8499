/** `npm run azure:rehearse`: what `infra/` would deploy runs here, and the story of the store is told with it. */
import { parseArgs } from 'node:util'
import { refuseTakenByNpm } from '../commands/npmOptions.ts'
import type { Deployment } from './deployment.ts'
import { evaluateCluster, evaluateFunctions } from './evaluated.ts'
import { readDeployment } from './readDeployment.ts'
import { tellStory, tryWithout } from './rehearsal.ts'
import { reportOf, trialText, unused } from './report.ts'
import { startWorld } from './world.ts'

const usage = `npm run azure:rehearse [-- OPTION…]

  --profile NAME    functions or aks; both unless given
  --without-each    takes out each role assignment in turn: somebody must miss it
  --verbose         shows what every app writes
`

const options = {
  profile: { type: 'string' },
  'without-each': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean' },
} as const
refuseTakenByNpm('npm run azure:rehearse', Object.keys(options))
const { values } = parseArgs({ options })
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const profiles = {
  functions: async () => readDeployment(await evaluateFunctions()),
  aks: async () => (await evaluateCluster()).deployment,
}
const names = Object.keys(profiles) as (keyof typeof profiles)[]
const wanted = names.filter((name) => !values.profile || name === values.profile)
if (!wanted.length) {
  console.error(`There is no profile ${values.profile}, but ${names.join(' and ')}.`)
  process.exit(1)
}
process.exitCode = 0
for (const name of wanted) {
  console.log(`\n${name}`)
  try {
    if (!(await rehearse(await profiles[name]()))) process.exitCode = 1
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

/** @returns whether all went well. */
async function rehearse(deployment: Deployment): Promise<boolean> {
  const begin = performance.now()
  const world = await startWorld(deployment, {
    ...(values.verbose && { onLine: (app, line) => console.log(`  ${app.service} | ${line}`) }),
  })
  try {
    const since = () => ((performance.now() - begin) / 1000).toFixed(1)
    console.log(`What the template deploys runs here (${since()} s).\n`)
    const told = await tellStory(world, ({ chapter, seconds, faults }) => {
      console.log(`${faults.length ? '✗' : '✓'} ${chapter} (${seconds.toFixed(1)} s)`)
      for (const fault of faults) console.log(`    ${fault}`)
    })
    console.log(`\n${reportOf(world.azure)}`)
    let isGood = told.every(({ faults }) => faults.length === 0) && unused(world.azure).length === 0
    if (values['without-each'])
      for (const assignment of deployment.assignments) {
        const trial = await tryWithout(world, assignment)
        console.log(trialText(deployment, trial))
        if (!trial.refused) isGood = false
      }
    console.log(`\n${isGood ? 'All went well' : 'Not all went well'} (${since()} s).`)
    return isGood
  } finally {
    await world.close()
  }
}
