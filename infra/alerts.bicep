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
    text: 'Orders could not be made and wait for a decision. What to do: docs/operations.md.'
  }
  {
    name: 'dead-letters'
    queue: 'orders'
    metric: 'DeadletteredMessages'
    text: 'The broker gave up on orders, and nothing collects them. What to do: docs/operations.md.'
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
var queries = [
  {
    name: 'failures'
    query: 'AppRequests | summarize failed = countif(toint(ResultCode) >= 500), total = count() | where total >= 20 and failed * 20 > total'
    text: 'More than a twentieth of the requests of a quarter of an hour failed.'
  }
  {
    name: 'slow-orders'
    query: 'AppRequests | where Name startswith "POST" and Url endswith "/api/orders" | summarize late = countif(DurationMs > 1000 or toint(ResultCode) >= 500), total = count() | where total >= 20 and late * 50 > total'
    text: 'More than a fiftieth of the orders of a quarter of an hour took over a second, or failed.'
  }
  {
    name: 'waiting'
    query: 'AppMetrics | where Name == "store.broker.oldest_message.age" and tostring(Properties["messaging.destination.name"]) !endswith "-failed" | summarize age = max(Sum / ItemCount) | where age > 120'
    text: 'A message has waited for more than two minutes for the makeline.'
  }
  {
    name: 'throttled'
    query: 'AppMetrics | where Name == "store.cosmosdb.throttled_requests" | summarize throttled = sum(Sum) | where throttled > 100'
    text: 'The database throttled more than a hundred requests in a quarter of an hour.'
  }
]

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in queries: {
    name: 'alert-${alert.name}-${token}'
    location: location
    tags: tags
    properties: {
      description: '${alert.text} What to do: docs/operations.md.'
      severity: 2
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      // A new workspace may not know its tables yet.
      skipQueryValidation: true
      criteria: {
        allOf: [{ query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 }]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

output actionGroupId string = people.id
