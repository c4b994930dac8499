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

/** What a template comes to, and how it would be without a part of it. */
export interface Evaluated {
  readonly resources: readonly Resource[]
  /** What the chart makes on a cluster; empty where there is none. */
  readonly chart: readonly KubernetesObject[]
  readonly deployment: Deployment
  /** The same without one resource, read anew. @throws {Error} where there is no such resource. */
  without(id: string): Deployment
}

/** What is read of resources, and of a chart. */
export function evaluated(resources: Resource[], chart: KubernetesObject[] = []): Evaluated {
  const read = (those: Resource[]) => {
    const deployment = readDeployment(those)
    return chart.length ? withPods(deployment, chart) : deployment
  }
  return {
    resources,
    chart,
    deployment: read(resources),
    without(id) {
      const left = resources.filter((one) => one.id !== id)
      if (left.length === resources.length) throw new Error(`The template has no ${id}.`)
      return read(left)
    },
  }
}

/** What is created for `HOSTING=functions`. @throws {Error} where Bicep cannot be had. */
export const evaluateFunctions = async (): Promise<Evaluated> => evaluated(await evaluateWith(everything))

/** What is created for `HOSTING=aks`, with what the chart makes there. @throws {Error} where Bicep or Helm cannot be had. */
export async function evaluateCluster(): Promise<Evaluated> {
  if (!findTool('helm'))
    throw new Error(
      'helm is needed for the profile aks, on the PATH (https://helm.sh/docs/intro/install); without it: npm run azure:rehearse -- --profile functions',
    )
  const { STORE_HOST: storeHost, ADMIN_HOST: adminHost } = environment
  const parameters = { ...everything, hosting: 'aks', storeHost, adminHost }
  const resources = await evaluateWith(parameters, exposeChartValues)
  const { identities, registry, tenantId } = readDeployment(resources)
  const made = readChartValues(resources, (app) => {
    const identity = identities.find((one) => one.app === app)
    if (!identity) throw new Error(`The chart is handed the identity of ${app}, which there is not.`)
    return identity.clientId
  })
  return evaluated(resources, renderProfile('aks', valuesOf(made, registry?.host ?? '', tenantId)))
}

/** The hook takes the environment's part from its process. */
function valuesOf(made: object, registry: string, tenantId: string): object {
  const before = { ...process.env }
  Object.assign(process.env, environment)
  try {
    return chartValues(made, { registry, tag: 'rehearsed', tenantId })
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
