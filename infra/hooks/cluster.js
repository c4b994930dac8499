/** What the hooks do for HOSTING=aks or both: check what it takes, and bring the store onto the cluster. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { az, fail, run, there } from './tools.js'

const root = dirname(dirname(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url))))
const chart = join(root, 'infra', 'kubernetes', 'chart')

/** Whether the store goes to Kubernetes, alone or beside Flex Consumption. */
export const onCluster = () => ['aks', 'both'].includes(process.env.HOSTING ?? '')

/** Checks tools and settings before anything is made; `right` and `fault` are told of each, with its cure. */
export async function checkCluster(right, fault) {
  const tools = {
    az: [['version'], 'https://aka.ms/azure-cli'],
    kubectl: [['version', '--client'], 'az aks install-cli'],
    kubelogin: [['--version'], 'az aks install-cli'],
    helm: [['version', '--short'], 'https://helm.sh/docs/intro/install'],
  }
  for (const [tool, [args, cure]] of Object.entries(tools)) {
    if ((await run(tool, args)).code === 0) right(`${tool}, for the cluster`)
    else fault(`${tool} is missing, which HOSTING=${process.env.HOSTING} needs: ${cure}`)
  }
  const settings = {
    STORE_HOST: 'the host name of the store',
    ADMIN_HOST: 'the host name of the admin',
    ENTRA_CLIENT_ID: 'the Entra app by which employees sign in (docs/kubernetes.md)',
  }
  for (const [name, what] of Object.entries(settings))
    if (!process.env[name]) fault(`${name} is not set, ${what}: azd env set ${name} …`)
  if (process.env.NETWORK === 'private')
    fault('NETWORK=private goes with HOSTING=functions only: azd env set NETWORK public')
}

const buildApps = () =>
  step('Built the apps', process.execPath, ['local/bootstrap/run.mjs', 'infra/kubernetes/stage.ts'])

/**
 * Builds the images in the registry, and installs the chart with the addresses and identities that were made.
 * @param build makes what the images copy
 */
export async function deployToCluster(build = buildApps) {
  const {
    AZURE_RESOURCE_GROUP,
    AKS_CLUSTER,
    AZURE_CONTAINER_REGISTRY_ENDPOINT: registry,
    CHART_VALUES,
  } = process.env
  const tag = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)
  await build()
  for (const image of ['functions', 'web']) {
    const file = join('infra', 'kubernetes', 'images', image, 'Dockerfile')
    const args = ['acr', 'build', '--registry', registry.split('.')[0], '--image', `store-${image}:${tag}`]
    await step(`Built the image store-${image}`, 'az', [...args, ...there(), '--file', file, '.'])
  }

  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    process.env.KUBECONFIG = kubeconfig
    const cluster = ['--name', AKS_CLUSTER, '--resource-group', AZURE_RESOURCE_GROUP]
    await step(`Reached ${AKS_CLUSTER}`, 'az', [
      'aks',
      'get-credentials',
      ...cluster,
      ...there(),
      '--file',
      kubeconfig,
    ])
    await step('Signed in to it', 'kubelogin', ['convert-kubeconfig', '--login', 'azurecli'])

    const values = join(folder, 'values.json')
    const { tenantId } = (await az('account', 'show')) ?? {}
    writeFileSync(values, JSON.stringify(chartValues(JSON.parse(CHART_VALUES), { registry, tag, tenantId })))
    const profile = join(chart, 'profiles', 'aks.yaml')
    const install = ['upgrade', '--install', 'store', chart, '--namespace', 'store', '--create-namespace']
    const files = ['--values', profile, '--values', values]
    await step('Installed the chart', 'helm', [...install, ...files, '--wait', '--timeout', '15m'])
    await step('An order got into the line', 'helm', ['test', 'store', '--namespace', 'store'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * The chart's values: those of the deployment, with the images that were built, the host names, and Entra's sign-in.
 * @param made what `infra/` answers as CHART_VALUES
 */
export function chartValues(made, { registry, tag, tenantId }) {
  const { ENTRA_CLIENT_ID: clientId, STORE_HOST, ADMIN_HOST, ORDERS_PER_HOUR = '0' } = process.env
  const { keda, ...clientIds } = made.workloadIdentity.clientIds
  const entra = `https://login.microsoftonline.com/${tenantId}`
  const simulation =
    Number(ORDERS_PER_HOUR) > 0
      ? { replicas: 1, settings: { ...made.roles.simulation?.settings, ORDERS_PER_HOUR } }
      : { replicas: 0 }
  return {
    ...made,
    roles: { ...made.roles, simulation },
    workloadIdentity: { ...made.workloadIdentity, clientIds },
    images: {
      functions: { repository: `${registry}/store-functions`, tag },
      web: { repository: `${registry}/store-web`, tag },
    },
    signIn: {
      issuer: `${entra}/v2.0`,
      jwksUri: `${entra}/discovery/v2.0/keys`,
      audience: clientId,
      clientId,
      scope: `openid profile offline_access api://${clientId}/access`,
    },
    gateway: { storeHost: STORE_HOST, adminHost: ADMIN_HOST },
    // A new one with each deployment, as its pods are.
    monitoring: { prometheus: 'azure', token: randomBytes(24).toString('hex') },
  }
}

async function step(done, program, args) {
  const { code, error, output } = await run(program, args, root)
  if (code !== 0) fail(`${program} ${args.slice(0, 2).join(' ')} failed:\n${error || output}`)
  console.log(`✓ ${done}`)
}
