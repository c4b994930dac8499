// The chart's objectives and alerts for Azure's managed Prometheus, which knows rules as resources.
param location string
param tags object
param token string
@description('The Azure Monitor workspace that has the metrics.')
param workspaceId string
param clusterName string
@description('Who is told; empty: nobody, and the alerts are seen in the portal only.')
param actionGroupId string

var file = loadYamlContent('kubernetes/chart/files/rules.yaml')
var severities = { critical: 1, warning: 2, info: 3 }

func duration(text string) string => 'PT${toUpper(text)}'

resource groups 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [
  for group in file.groups: {
    name: '${group.name}-${token}'
    location: location
    tags: tags
    properties: {
      enabled: true
      clusterName: clusterName
      scopes: [workspaceId]
      interval: duration(group.interval)
      rules: map(
        group.rules,
        rule =>
          contains(rule, 'record')
            ? { record: rule.record, expression: rule.expr, enabled: true }
            : {
                alert: rule.alert
                expression: rule.expr
                enabled: true
                for: duration(rule.?for ?? '0m')
                severity: severities[rule.labels.severity]
                labels: rule.labels
                annotations: rule.annotations
                resolveConfiguration: { autoResolved: true, timeToResolve: 'PT10M' }
                actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
              }
      )
    }
  }
]
