import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import access from '../../infra/access.json' with { type: 'json' }
import { root } from '../../local/root.ts'

/** What the documentation calls a role. */
const words: [role: RegExp, word: string][] = [
  [/Blob Data Owner|Service Bus Data Owner/, 'owner'],
  [/Data Reader$/, 'read'],
  [/Data Contributor$/, 'write'],
  [/Data Sender$/, 'send'],
  [/Data Receiver$/, 'receive'],
  [/OpenAI User$/, 'use'],
]
const columns = ['host', 'product-images', 'products', 'orders', 'secrets', 'analytics', 'queue orders']
columns.push('queue orders-failed', 'queue orders-simulation', 'models')

const columnOf = ({ kind, name }: { kind: string; name: string }) =>
  kind === 'queue' ? `queue ${name}` : name || kind

test('the table of who may do what in docs/azure.md is that of access.json', () => {
  const text = readFileSync(join(root, 'docs', 'azure.md'), 'utf8')
  for (const app of ['store', 'admin', 'makeline', 'simulation']) {
    const line = new RegExp(`^\\| ${app} \\|(.*)\\|$`, 'm').exec(text)?.[1] ?? ''
    const cells = line.split('|').map((cell) => cell.trim().split(', ').filter(Boolean).sort())
    const wanted = columns.map((column) =>
      access.table
        .filter((row) => row.app === app && columnOf(row) === column)
        .map(({ role }) => words.find(([pattern]) => pattern.test(role))?.[1] ?? role)
        .sort(),
    )
    expect(cells, app).toEqual(wanted)
  }
})

test('every variable of azd that a parameter has is described, or needs no description', () => {
  const text = readFileSync(join(root, 'docs', 'azure.md'), 'utf8')
  const parameters = readFileSync(join(root, 'infra', 'main.parameters.json'), 'utf8')
  const variables = [...parameters.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
  const known = ['AZURE_ENV_NAME', 'BUDGET_START']
  expect(variables.filter((name) => !known.includes(name) && !text.includes(name))).toEqual([])
})
