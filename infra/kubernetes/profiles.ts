/** What the chart becomes in each profile, by the real Helm. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { home, type KubernetesObject } from './objects.ts'
import { findTool } from './tools.ts'

const chart = fileURLToPath(new URL('./chart', import.meta.url))

/** Each profile, with the values files that make it. */
export const profiles = {
  local: ['local'],
  aks: ['aks'],
  'aks-secure': ['aks', 'aks-secure'],
  'aks-http-add-on': ['aks', 'http-add-on'],
} as const
export type Profile = keyof typeof profiles
export const profileNames = Object.keys(profiles) as Profile[]

/** The objects in a text of several YAML documents. */
export function readObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null)
}

/**
 * Renders a profile with Helm: what `helm install` would send, without the test of `helm test`.
 * @param values more values, which come before those of the profile
 * @throws {Error} with Helm's own words
 */
export const renderProfile = (profile: Profile, values: object = {}) =>
  renderWithTest(profile, values).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== 'test')

/** As `renderProfile`, with the objects of `helm test`. */
export function renderWithTest(profile: Profile, values: object = {}): KubernetesObject[] {
  const key = JSON.stringify([profile, values])
  const objects =
    rendered.get(key) ?? readObjects(helm(['template', 'store', chart, '--namespace', home], profile, values))
  rendered.set(key, objects)
  return objects
}

/** What was rendered before in this process; nobody changes it. */
const rendered = new Map<string, KubernetesObject[]>()

/** What `helm lint` says of a profile. */
export const lintProfile = (profile: Profile) => helm(['lint', '--strict', chart], profile)

/** What `helm install` would print of a profile when it is done; the objects come before it. */
export const notesOf = (profile: Profile, values: object = {}) =>
  helm(['install', 'store', chart, '--namespace', home, '--dry-run=client'], profile, values).split(
    '\nNOTES:\n',
  )[1] ?? ''

function helm(command: string[], profile: Profile, values: object = {}): string {
  const files = profiles[profile].flatMap((name) => ['--values', `${chart}/profiles/${name}.yaml`])
  // As a file from standard input: Helm 3 takes no whole object by --set-json.
  const args = [...command, ...files, '--values', '-']
  return execFileSync(findTool('helm') ?? 'helm', args, {
    encoding: 'utf8',
    input: JSON.stringify(values),
    stdio: 'pipe',
  })
}
