/** Where the settings of an app are made: for who has to change one. */
import type { App } from './deployment.ts'

/** The files in which an app's settings are made. */
export const madeIn = ({ pod }: App): string =>
  pod
    ? 'infra/resources.bicep (chartValues), infra/settings.bicep and infra/kubernetes/chart (templates/roles.yaml, settings.yaml)'
    : 'infra/settings.bicep and infra/functionApp.bicep'

/** In which settings of an app a value stands, and where those are made; empty where it stands in none. */
export function standsIn(app: App, value: string): string {
  const names = Object.entries(app.settings)
    .filter(([, one]) => one.toLowerCase().includes(value.toLowerCase()))
    .map(([name]) => name)
  return names.length ? `; it stands in ${names.join(', ')}: see ${madeIn(app)}` : ''
}
