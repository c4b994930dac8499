/** Azure's alerts: each tells where its cause, its check and its cure are, and the runbook knows it by its name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../local/root.ts'
import { runbook, runbookWords } from '../harness/runbook.ts'

const bicep = readFileSync(join(root, 'infra', 'alerts.bicep'), 'utf8')
/** Name, and where it leads. */
const alerts = [...bicep.matchAll(/^ {4}name: '([\w-]+)'(?:\n {4}\w+: .+)*?\n {4}runbook: '([\w-]+)'/gm)].map(
  ([, name = '', anchor = '']) => [name, anchor] as const,
)

test('all that look like alerts are among them', () => {
  expect(alerts).toHaveLength(bicep.match(/^ {4}name: '[\w-]+'$/gm)?.length ?? 0)
  expect(alerts.length).toBeGreaterThan(6)
  for (const resource of bicep.matchAll(/description: .+/g))
    expect(resource[0]).toMatch(/docs\/operations\.md#\$\{alert\.runbook\}/)
})

test.each(alerts)('alert-%s leads to "%s", which is about it', (name, anchor) => {
  const part = runbook.get(anchor) ?? ''
  for (const word of [`\`alert-${name}\``, ...runbookWords]) expect(part).toContain(word)
})
