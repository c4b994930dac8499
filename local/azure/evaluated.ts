/** The template with all that it can make, evaluated: what is rehearsed, on function apps and on a cluster. */
import { findBicep, type Resource, startBicep } from '../../infra/bicep.ts'
import { copyOfInfra, evaluate, type Parameters } from '../../infra/evaluate.ts'
import { chartValues } from '../../infra/hooks/cluster.js'
import type { KubernetesObject } from '../../infra/kubernetes/objects.ts'
import { renderProfile } from '../../infra/kubernetes/profiles.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import { exposeChartValues, readChartValues } from './chartValues.ts'
import type { Deployment } from './deployment.ts'
import { withPods } from './pods.ts'
import { readDeployment } from './readDeployment.ts'

/** The simulation and models are left away by default. */
const everything: Parameters = {
  ordersPerHour: 120,
  textModel: 'gpt-5.4-mini',
  imageModel: 'gpt-image-2',
}

/** What `azd env set` has for a cluster. */
const environment = {
  ENTRA_CLIENT_ID: '44444444-4444-4444-8444-444444444444',
  STORE_HOST: 'store.contoso.example',
  ADMIN_HOST: 'admin.contoso.example',
  ORDERS_PER_HOUR: String(everything.ordersPerHour),
}

/** What is created for `HOSTING=functions`. @throws {Error} where Bicep cannot be had. */
export const evaluateFunctions = (): Promise<Resource[]> => evaluateWith(everything)

/** What is created for `HOSTING=aks`, with what the chart makes there. @throws {Error} where Bicep or Helm cannot be had. */
export async function evaluateCluster(): Promise<{ deployment: Deployment; chart: KubernetesObject[] }> {
  if (!findTool('helm')) throw new Error('helm is needed, on the PATH (https://helm.sh/docs/intro/install).')
  const { STORE_HOST: storeHost, ADMIN_HOST: adminHost } = environment
  const parameters = { ...everything, hosting: 'aks', storeHost, adminHost }
  const resources = await evaluateWith(parameters, exposeChartValues)
  const deployment = readDeployment(resources)
  const made = readChartValues(resources, (app) => {
    const identity = deployment.identities.find((one) => one.app === app)
    if (!identity) throw new Error(`The chart is handed the identity of ${app}, which there is not.`)
    return identity.clientId
  })
  const chart = renderProfile('aks', valuesOf(made, deployment.tenantId))
  return { deployment: withPods(deployment, chart), chart }
}

/** The hook takes the environment's part from its process. */
function valuesOf(made: object, tenantId: string): object {
  const before = { ...process.env }
  Object.assign(process.env, environment)
  try {
    return chartValues(made, { registry: 'rehearsal.azurecr.io', tag: 'rehearsed', tenantId })
  } finally {
    for (const name of Object.keys(environment)) {
      const value = before[name]
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

async function evaluateWith(
  parameters: Parameters,
  prepare: (folder: string) => void = () => {},
): Promise<Resource[]> {
  const program = findBicep()
  if (!program)
    throw new Error(
      'Bicep is needed: on the PATH, or dotnet, which fetches it (https://aka.ms/bicep-install).',
    )
  const bicep = startBicep(program)
  const copy = copyOfInfra()
  try {
    prepare(copy.folder)
    return await evaluate(bicep, copy.folder, parameters, 'rehearsal')
  } finally {
    bicep.stop()
    copy.remove()
  }
}
