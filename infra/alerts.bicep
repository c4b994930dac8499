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
    runbook: 'dead-letters'
  }
  {
    name: 'dead-letters'
    queue: 'orders'
    metric: 'DeadletteredMessages'
    text: 'The broker gave up on orders, and nothing collects them.'
    runbook: 'dead-letters'
  }
]

resource messages 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in queues: {
    name: 'alert-${alert.name}-${token}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.text} What to do: docs/operations.md#${alert.runbook}'
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

// Whether the budget of an objective (999 of 1,000 orders) burns 14.4 or 6 times as fast as it may; see docs/operations.md.
var burns = 'summarize badHour = countif(bad and at > ago(1h)), hour = countif(at > ago(1h)), badNow = countif(bad and at > ago(10m)), now10m = countif(at > ago(10m)), badSix = countif(bad), six = count(), badHalf = countif(bad and at > ago(30m)), half = countif(at > ago(30m)) | where (badHour >= 3 and badHour > 0.0144 * hour and badNow > 0.0144 * now10m) or (badSix >= 3 and badSix > 0.006 * six and badHalf > 0.006 * half)'

// Every request is kept, one that went well too (OTEL_TRACES_SAMPLER of settings.bicep); a sample could not be counted so.
// Of an order that was stored the makeline's part is awaited for five minutes: as long as what is logged may take.
var queries = [
  {
    name: 'failures'
    query: 'AppRequests | summarize failed = countif(toint(ResultCode) >= 500), total = count() | where total >= 20 and failed * 20 > total'
    text: 'More than a twentieth of the requests of a quarter of an hour failed.'
    runbook: 'requests-fail'
    window: 'PT15M'
    every: 'PT15M'
  }
  {
    name: 'orders-not-accepted'
    query: 'AppRequests | where TimeGenerated > ago(6h) and Name startswith "POST" and Url matches regex @"/api/orders?$" | project at = TimeGenerated, bad = DurationMs > 1000 or toint(ResultCode) >= 500 | ${burns}'
    text: 'Orders fail or take more than a second, enough to use up the budget of the month in days.'
    runbook: 'orders-are-not-accepted-in-time'
    window: 'PT6H'
    every: 'PT5M'
  }
  {
    name: 'orders-not-made'
    query: 'AppDependencies | where TimeGenerated between (ago(6h) .. ago(5m)) and Name == "create_item orders" and tostring(Properties["db.response.status_code"]) == "201" | project OperationId, placed = TimeGenerated | join kind=leftouter (AppRequests | where TimeGenerated > ago(6h) and Name == "process orders" and tostring(Properties["store.message.outcome"]) == "made" | summarize made = min(TimeGenerated + DurationMs * 1ms) by OperationId) on OperationId | project at = placed + 5m, bad = isnull(made) or made > placed + 10s | ${burns}'
    text: 'Orders wait more than ten seconds for the makeline, enough to use up the budget of the month in days.'
    runbook: 'orders-are-not-made-in-time'
    window: 'PT6H'
    every: 'PT5M'
  }
  {
    name: 'waiting'
    query: 'AppMetrics | where Name == "store.broker.oldest_message.age" and tostring(Properties["messaging.destination.name"]) !endswith "-failed" | summarize age = max(Sum / ItemCount) | where age > 120'
    text: 'A message has waited for more than two minutes for the makeline.'
    runbook: 'a-message-waits'
    window: 'PT15M'
    every: 'PT15M'
  }
  {
    name: 'throttled'
    query: 'AppMetrics | where Name == "store.cosmosdb.throttled_requests" | summarize throttled = sum(Sum) | where throttled > 100'
    text: 'The database throttled more than a hundred requests in a quarter of an hour.'
    runbook: 'the-database-throttles'
    window: 'PT15M'
    every: 'PT15M'
  }
]

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in queries: {
    name: 'alert-${alert.name}-${token}'
    location: location
    tags: tags
    properties: {
      description: '${alert.text} What to do: docs/operations.md#${alert.runbook}'
      severity: 2
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: alert.every
      windowSize: alert.window
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
