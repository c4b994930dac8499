/** What a deployment from GitHub is told: all that the environment was told from which the pipeline was made. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../local/root.ts'

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')
const { pipeline } = parse(read('azure.yaml')) as { pipeline: { variables: string[]; secrets: string[] } }
const { deploy } = parse(read('.github', 'workflows', 'azure.yml')).jobs

/** Those that azd hands to every pipeline. */
const ofAzd = /^AZURE_(ENV_NAME|LOCATION|SUBSCRIPTION_ID|TENANT_ID|CLIENT_ID)$/

test('azd hands over every variable that a parameter, the build or the sign-in is made from', () => {
  const parameters = [...read('infra', 'main.parameters.json').matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
  const build = [...read('infra', 'signIn.ts').matchAll(/env\.([A-Z_]+)/g)].map(([, name]) => name)
  const needed = [...parameters, ...build, 'VITE_STORE_NAME'].filter((name = '') => !ofAzd.test(name))
  expect(needed.length).toBeGreaterThan(20)
  expect(needed.filter((name = '') => ![...pipeline.variables, ...pipeline.secrets].includes(name))).toEqual(
    [],
  )
  expect(pipeline.secrets).toEqual(['ENTRA_CLIENT_SECRET'])
})

test('the workflow hands each of them back under its name, secrets only to the step that needs them', () => {
  for (const name of pipeline.variables) expect(deploy.env[name], name).toBe(`\${{ vars.${name} }}`)
  const provision = deploy.steps.find(({ run }: { run?: string }) => run?.startsWith('azd provision'))
  for (const name of pipeline.secrets) {
    expect(provision.env[name]).toBe(`\${{ secrets.${name} }}`)
    expect(deploy.env).not.toHaveProperty(name)
  }
})
