/** Evaluated templates: what `infra/` would create with some parameters, without an account. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../local/root.ts'
import type { Bicep, Resource } from './bicep.ts'

export type Parameters = Record<string, string | number | boolean>

/** A copy of `infra/` in a folder of its own, for parameters to be written into, or for a test to change. */
export function copyOfInfra() {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'))
  cpSync(join(root, 'infra'), folder, { recursive: true })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Evaluates the template in a folder; under another name of the parameters' file it is evaluated anew. */
export function evaluate(
  bicep: Bicep,
  folder: string,
  parameters: Parameters = {},
  name = 'test',
): Promise<Resource[]> {
  const all: Parameters = { environmentName: 'test', location: 'westeurope', ...parameters }
  const file = join(folder, `${name}.bicepparam`)
  const lines = Object.entries(all).map(([name, value]) => `param ${name} = ${literal(value)}`)
  writeFileSync(file, ["using 'main.bicep'", ...lines, ''].join('\n'))
  return bicep.evaluate(file)
}

const literal = (value: string | number | boolean) =>
  typeof value === 'string' ? `'${value}'` : String(value)

export const ofType = (resources: Resource[], type: string) => resources.filter((one) => one.type === type)

/** What only Azure knows: a property of a resource, by the resource's id. */
export type Reference = (resourceId: string, property: string) => string

/**
 * The value of an expression that the evaluation left, as far as settings have any: references, and texts that are put
 * together from them.
 * @throws {Error} quoting what it does not understand.
 */
export function resolveText(expression: string, reference: Reference): string {
  if (!expression.startsWith('[') || expression.startsWith('[[')) return expression
  let text = expression
    .slice(1, -1)
    .replaceAll('environment().suffixes.storage', "'core.windows.net'")
    .replaceAll('environment().authentication.loginEndpoint', "'https://login.microsoftonline.com/'")
    .replaceAll(
      /reference\('([^']*)', '[^']*'\)\.(\w+)/g,
      (_all, id: string, property: string) => `'${reference(id, property)}'`,
    )
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/format\(('[^']*'(?:, '[^']*')*)\)/, (_all, list: string) => {
      const [pattern = '', ...values] = list.slice(1, -1).split("', '")
      return `'${pattern.replaceAll(/\{(\d)\}/g, (_hole, at: string) => values[Number(at)] ?? '')}'`
    })
  }
  const value = /^'([^']*)'$/.exec(text)?.[1]
  if (value === undefined) throw new Error(`Not understood: ${expression}`)
  return value
}
