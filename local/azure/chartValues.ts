/** What `infra/` hands to the chart: its output CHART_VALUES, for one that is not deployed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource } from '../../infra/bicep.ts'
import { resolveText } from '../../infra/evaluate.ts'

const outputOfIt = /output chartValues string = onAks\s*\?\s*string\((\{[\s\S]*?\n {4}\})\)\s*: ''/

/**
 * Makes a copy of the templates tell its output. An evaluation tells of resources alone: so what the output says stands in
 * one more resource, word for word but for the identities' client ids, which only Azure knows.
 */
export function exposeChartValues(folder: string): void {
  const file = join(folder, 'resources.bicep')
  const text = readFileSync(file, 'utf8')
  const expression = outputOfIt.exec(text)?.[1]
  if (!expression) throw new Error('infra/resources.bicep has no output chartValues as it is read here.')
  const told = expression.replaceAll(
    'aks!.outputs.clients',
    'map(identities, app => { app: app, clientId: app })',
  )
  const resource = `
resource chartValuesToRead 'Microsoft.Resources/tags@2024-03-01' = {
  name: 'default'
  properties: { tags: { chartValues: any(${told}) } }
}
`
  writeFileSync(file, text + resource)
}

/** Reads them from the evaluated copy. @param clientIdOf of the identity of a part of the store */
export function readChartValues(resources: Resource[], clientIdOf: (app: string) => string): object {
  const told = resources.find(({ type }) => type === 'Microsoft.Resources/tags')?.properties.tags.chartValues
  const text = JSON.stringify(told, (_name, value) =>
    typeof value === 'string' ? resolveText(value, (id) => id) : value,
  )
  const made = JSON.parse(text)
  const { clientIds } = made.workloadIdentity
  for (const app of Object.keys(clientIds)) clientIds[app] = clientIdOf(app)
  made.workloadIdentity.keda = clientIdOf('keda')
  return made
}
