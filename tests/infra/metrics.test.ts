/** The tables of metrics in docs/telemetry.md, against what the code defines: names, kinds, units, and the names of attributes. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../local/root.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const sources = globSync('functions/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map(read)

/** "name kind unit" of each `counter({ name, description, unit })` and its like, and of `gauge(name, description, unit)`. */
const defined = sources.flatMap((source) => [
  ...[...source.matchAll(/\b(counter|histogram)\(\s*\{\s*name: '([^']+)'[\s\S]*?unit: '([^']+)'/g)].map(
    ([, kind, name, unit]) => `${name} ${kind} ${unit}`,
  ),
  ...[...source.matchAll(/\bgauge\(\s*'([^']+)',\s*'[^']*',\s*'([^']+)'/g)].map(
    ([, name, unit]) => `${name} gauge ${unit}`,
  ),
])

/** The same of each row `| names | kinds, units; … | attributes |`. */
const documented = [
  ...read('docs/telemetry.md').matchAll(
    /^\| (`[a-z][\w.`, ]+`) \| ((?:counter|histogram|gauge), .+?) \|(.*)\|$/gm,
  ),
]
const rows = documented.flatMap(([, names = '', kinds = '']) => {
  const each = kinds.split(';').map((text) => text.trim())
  return names.split(',').map((name, at) => {
    const of = each[at] ?? each.at(-1) ?? ''
    const [kind, unit = ''] = of.includes(',') ? of.split(', ') : [each[0]?.split(', ')[0], of]
    return `${name.replaceAll('`', '').trim()} ${kind} ${unit}`
  })
})

test('the tables have every metric that the code counts, and no other', () => {
  expect(defined.length).toBeGreaterThan(20)
  expect(rows.sort()).toEqual(defined.sort())
})

test('the attributes in them are those that the code writes', () => {
  const words = new Set(
    sources.flatMap((source) => [...source.matchAll(/'([\w.]+)'/g)].map(([, word]) => word ?? '')),
  )
  const attributes = documented.flatMap(([, , , text = '']) =>
    [...text.matchAll(/`([a-z][a-z_]*\.[\w.]+)`/g)].map(([, name]) => name ?? ''),
  )
  expect(attributes.length).toBeGreaterThan(20)
  // What the SDK says of its own processors.
  const own = (name: string) => !name.startsWith('otel.component.')
  expect(attributes.filter(own).filter((name) => !words.has(name))).toEqual([])
})
