/** What the chart says of monitoring, read from its files: the alerts, and the expressions of the dashboard. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

interface Rule {
  expr: string
  record?: string
  alert?: string
  annotations?: { summary: string; runbook: string }
}

export interface Alert {
  alert: string
  expr: string
  annotations: { summary: string; runbook: string }
}

export const rulesFile = fileURLToPath(new URL('./chart/files/rules.yaml', import.meta.url))
const dashboardFile = new URL('./chart/files/dashboard.json', import.meta.url)

const rules = (parse(readFileSync(rulesFile, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)

export const alerts = rules.filter((rule): rule is Rule & Alert => rule.alert !== undefined)

/** The dashboard's expressions, over the last five minutes where Grafana would put the range that is shown. */
export const expressions: string[] = (
  JSON.parse(readFileSync(dashboardFile, 'utf8')) as { panels: { targets?: { expr: string }[] }[] }
).panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) => expr.replaceAll(/\$__(rate_interval|range)/g, '5m'))
