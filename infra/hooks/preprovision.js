/** Before anything is made: tools, region, quota, in one list. What is wrong says what to do; all of it is said at once. */
import { checkCluster, onCluster } from './cluster.js'
import { atLeast, az, azList, run, setEnvironment } from './tools.js'

const {
  AZURE_LOCATION: region,
  TEXT_MODEL,
  IMAGE_MODEL,
  ORDERS_PER_HOUR,
  NETWORK,
  BUDGET_START,
} = process.env
let wrong = 0
const right = (line) => console.log(`✓ ${line}`)
const note = (line) => console.log(`! ${line}`)
const fault = (line) => {
  wrong++
  console.log(`✗ ${line}`)
}

const node = process.versions.node
if (atLeast(node, '20.19.0')) right(`Node ${node}`)
else fault(`Node ${node} is too old: install 20.19 or newer (https://nodejs.org)`)

const azd = /\d+\.\d+\.\d+/.exec((await run('azd', ['version'])).output)?.[0]
if (azd && atLeast(azd, '1.25.6')) right(`azd ${azd}`)
else fault(`azd ${azd ?? 'of an unknown version'}: 1.25.6 or newer is needed (https://aka.ms/azd-install)`)

// Without az nothing here is known before Azure itself says so; azd has a sign-in of its own.
const version = await run('az', ['version'])
const account = version.code === 0 ? await az('account', 'show') : null
if (version.code !== 0)
  note('az is not installed: region and quota are not checked, nor can employees be invited')
else if (!account)
  note(
    'az is not signed in to this subscription (az login): region and quota are not checked, nor can employees be invited',
  )
else {
  right(`az, signed in to ${account.name}`)
  if (!region) note('The region is not chosen yet: it and its quota are not checked')
  else {
    await checkRegion()
    for (const model of [TEXT_MODEL, IMAGE_MODEL].filter(Boolean)) await checkModel(model)
  }
  if (NETWORK === 'private') await checkProvider('Microsoft.App')
}

if (onCluster()) await checkCluster(right, fault)

// What azd is to remember: services with a condition, and a date that must not change.
const simulated = Number(ORDERS_PER_HOUR ?? 0) > 0 && process.env.HOSTING !== 'aks'
await setEnvironment('SIMULATION_ENABLED', String(simulated))
await setEnvironment('FUNCTIONS_ENABLED', String(process.env.HOSTING !== 'aks'))
if (!BUDGET_START) await setEnvironment('BUDGET_START', `${new Date().toISOString().slice(0, 7)}-01`)

if (wrong) {
  console.error(`\n${wrong} of these must be put right first; nothing was made.`)
  process.exit(1)
}

async function checkRegion() {
  const regions = await azList('functionapp', 'list-flexconsumption-locations')
  if (!regions) return note(`Azure did not say whether ${region} has Flex Consumption`)
  const plain = (name) => String(name).toLowerCase().replaceAll(' ', '')
  if (!regions.some(({ name }) => plain(name) === plain(region)))
    return fault(`${region} has no Flex Consumption: azd env set AZURE_LOCATION eastus2`)
  right(`${region} has Flex Consumption`)

  const runtimes = await azList(
    'functionapp',
    'list-flexconsumption-runtimes',
    '--location',
    region,
    '--runtime',
    'node',
  )
  if (!runtimes) return note(`Azure did not say which versions of Node ${region} has`)
  const versions = runtimes.map(({ version }) => String(version))
  const wanted = process.env.NODE_VERSION || '24'
  if (versions.includes(wanted)) return right(`${region} has Node ${wanted}`)
  if (!versions.includes('22'))
    return fault(`${region} has neither Node ${wanted} nor 22, but ${versions.join(', ')}`)
  await setEnvironment('NODE_VERSION', '22')
  note(`${region} has no Node ${wanted} yet: the apps run on 22 (azd env set NODE_VERSION …)`)
}

async function checkModel(model) {
  const usages = await azList('cognitiveservices', 'usage', 'list', '--location', region)
  const usage = usages?.find(({ name }) => name?.value === `OpenAI.GlobalStandard.${model}`)
  const wanted = Number(process.env.MODEL_CAPACITY || 10)
  if (!usages) return note(`Azure did not say how much of ${model} is left`)
  if (!usage) return fault(`${region} does not offer ${model}: az cognitiveservices model list -l ${region}`)
  const left = usage.limit - usage.currentValue
  if (left >= wanted) right(`${model}: ${left} of the quota left, ${wanted} needed`)
  else
    fault(
      `${model}: ${left} of the quota left, ${wanted} needed: azd env set MODEL_CAPACITY ${Math.max(left, 1)}`,
    )
}

async function checkProvider(name) {
  const provider = await az('provider', 'show', '--namespace', name)
  if (provider?.registrationState === 'Registered') right(`${name} is registered`)
  else fault(`${name} is not registered: az provider register --namespace ${name} --wait`)
}
