// Who is told when orders fail, and when the API does.
param location string
param tags object
param email string
param namespaceName string
param workspaceName string
param token string

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'store'
    enabled: true
    emailReceivers: [{ name: 'people', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var queues = [
  {
    name: 'failed'
    queue: 'orders-failed'
    metric: 'ActiveMessages'
    text: 'Orders could not be made and wait for a decision.'
  }
  {
    name: 'dead-letters'
    queue: 'orders'
    metric: 'DeadletteredMessages'
    text: 'The broker gave up on orders, and nothing collects them.'
  }
]

resource messages 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in queues: {
    name: 'alert-${alert.name}-${token}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.text
      severity: 2
      enabled: true
      scopes: [namespace.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'messages'
            metricName: alert.metric
            metricNamespace: 'Microsoft.ServiceBus/namespaces'
            dimensions: [{ name: 'EntityName', operator: 'Include', values: [alert.queue] }]
            operator: 'GreaterThan'
            threshold: 0
            timeAggregation: 'Minimum'
          }
        ]
      }
      actions: [{ actionGroupId: people.id }]
    }
  }
]

// Every request is kept, one that went well too (OTEL_TRACES_SAMPLER of settings.bicep); a sample could not be counted so.
resource failures 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-failures-${token}'
  location: location
  tags: tags
  properties: {
    description: 'More than a twentieth of the requests of a quarter of an hour failed.'
    severity: 2
    enabled: true
    scopes: [workspace.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    // A new workspace may not know its tables yet.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'AppRequests | summarize failed = countif(toint(ResultCode) >= 500), total = count() | where total >= 20 and failed * 20 > total'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}
