/** Every query of the workbook and of the alerts, by Microsoft's parser, and against the names that the code emits. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../local/root.ts'
import { kqlFaults } from './kql.ts'

interface Item {
  name: string
  content: { query?: string }
}

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const workbook = (JSON.parse(read('infra/workbook.json')) as { items: Item[] }).items.flatMap(
  ({ name, content }) => (content.query ? [[`the workbook, ${name}`, content.query] as const] : []),
)
const bicep = read('infra/alerts.bicep')
const burns = /^var burns = '(.+)'$/m.exec(bicep)?.[1] ?? ''
const alerts = [...bicep.matchAll(/name: '([\w-]+)'\n\s+query: '(.+)'/g)].map(
  ([, name, query = '']) => [`the alert ${name}`, query.replace(/\$\{burns\}/, burns)] as const,
)
const queries = [...workbook, ...alerts]

test('there are queries, and all that look like one are among them', () => {
  expect(workbook.length).toBeGreaterThan(12)
  expect(alerts).toHaveLength(bicep.split("query: '").length - 1)
})

test.each(queries)('%s is right', (_, query) => {
  expect(kqlFaults(query)).toEqual([])
})

test.each([
  ['an unknown column', 'AppRequests | where Duration > 1', /KS142/],
  ['an unknown table', 'requests | count', /KS204/],
  ['a misspelt operator', 'AppRequests | sumarize count()', /KS/],
])('the parser finds %s', (_, query, fault) => {
  expect(kqlFaults(query).join()).toMatch(fault)
})

describe('names in queries are emitted', () => {
  // Every word in quotes of the code that is deployed.
  const words = new Set(
    globSync('functions/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) => [...read(file).matchAll(/'([\w.]+)'/g)].map(([, word]) => word ?? '')),
  )
  const quoted = (pattern: RegExp) =>
    queries.flatMap(([from, query]) =>
      [...query.matchAll(pattern)].map(([, name]) => [name ?? '', from] as const),
    )

  test.each(quoted(/App(?:Metrics|Events)\s*\| where Name == "([^"]+)"/g))(
    'the metric or event %s (%s)',
    (name) => {
      expect([...words]).toContain(name)
    },
  )

  // As tests/integration/telemetry.test.ts reads them back from the stand-in for the ingestion.
  test.each(quoted(/Name == "(\w+ \w+)"/g))('the span %s (%s)', (name) => {
    const [operation = '', on] = name.split(' ')
    expect([words.has(operation), on]).toEqual([true, 'orders'])
  })

  test.each(quoted(/Properties\["([^"]+)"\]/g))('the attribute %s (%s)', (name) => {
    expect([...words]).toContain(name)
  })
})
