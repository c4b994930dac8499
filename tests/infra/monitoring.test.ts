/**
 * What host.json lets through to Application Insights. The levels are those of Microsoft's "Configure monitoring for Azure
 * Functions": requests (`Host.Results`) and counts (`Host.Aggregator`) are written as information, also those that failed
 * with a status of 5xx and no exception; above that level there are none.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../local/root.ts'

const { logLevel, applicationInsights } = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')).logging

test.each(['Host.Results', 'Host.Aggregator'])(
  '%s is kept, which alerts and dashboards ask for',
  (category) => {
    const [level] = Object.entries<string>(logLevel)
      .filter(([name]) => name === 'default' || category === name || category.startsWith(`${name}.`))
      .sort(([a], [b]) => (b === 'default' ? 0 : b.length) - (a === 'default' ? 0 : a.length))
      .map(([, level]) => level)
    expect(['Information', 'Debug', 'Trace']).toContain(level)
  },
)

test('no request and no exception is left out by sampling', () => {
  expect(applicationInsights.samplingSettings.excludedTypes.split(';')).toEqual(
    expect.arrayContaining(['Request', 'Exception']),
  )
})
