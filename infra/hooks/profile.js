/**
 * Sets the azd environment to a profile: `node infra/hooks/profile.js team` takes the defaults of
 * `infra/team.parameters.json`, `main` those of a store that costs little. What was set by hand is set anew.
 */
import { readFile } from 'node:fs/promises'
import { fail, setEnvironment } from './tools.js'

const [name] = process.argv.slice(2)
if (!['main', 'team'].includes(name)) fail('Which profile? node infra/hooks/profile.js team (or main)')
const file = new URL(`../${name}.parameters.json`, import.meta.url)
const { parameters } = JSON.parse(await readFile(file, 'utf8'))
const other = JSON.parse(
  await readFile(new URL('../main.parameters.json', import.meta.url), 'utf8'),
).parameters
const team = JSON.parse(
  await readFile(new URL('../team.parameters.json', import.meta.url), 'utf8'),
).parameters

for (const key of Object.keys(parameters)) {
  if (other[key].value === team[key].value) continue
  const [, variable, value] = /^\$\{(\w+)(?:=(.*))?\}$/.exec(parameters[key].value) ?? []
  if (value) {
    await setEnvironment(variable, value)
    console.log(`✓ ${variable} is ${value}`)
  } else if (!process.env[variable]) console.log(`! ${variable} is yours to set: azd env set ${variable} …`)
}
