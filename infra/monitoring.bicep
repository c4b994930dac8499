// Log Analytics, Application Insights upon it, and the workbook in which people look. Telemetry is sent by identity too.
param location string
param tags object
param workspaceName string
param insightsName string
param dailyLogLimit int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: dailyLogLimit }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id, DisableLocalAuth: true }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'store')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Store'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: string(loadJsonContent('workbook.json'))
  }
}
