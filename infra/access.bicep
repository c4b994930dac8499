// Assigns the rows of access.json, each at the scope of the one thing that it is about. What an app is not named for
// there, it cannot do. Names follow from ids that are known beforehand, so that a second run finds the first one's work.
import { hostAccountName, identityName } from 'names.bicep'

param token string
@description('The apps that there are.')
param apps string[]
param withModels bool
@description('Whether anything here sends telemetry to Application Insights: function apps do, pods are told of none.')
param withInsights bool
param namespaceName string
param cosmosName string
param databaseName string
param pictureStorageName string
param insightsName string
param modelsName string

var access = loadJsonContent('access.json')
var rows = filter(access.table, row => contains(apps, row.app) && (row.kind != 'models' || withModels))
var hostRows = filter(rows, row => row.kind == 'host')
var insightsRows = filter(rows, row => row.kind == 'insights' && withInsights)
var blobRows = filter(rows, row => row.kind == 'blobs')
var containerRows = filter(rows, row => row.kind == 'container')
var queueRows = filter(rows, row => row.kind == 'queue')
var modelRows = filter(rows, row => row.kind == 'models')

func role(id string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', id)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = [
  for app in apps: {
    name: identityName(app, token)
  }
]

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = [
  for row in hostRows: {
    name: hostAccountName(row.app, token)
  }
]

resource onHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (row, index) in hostRows: {
    scope: hostStorage[index]
    name: guid(hostStorage[index].id, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role(access.roles[row.role])
      description: row.why
    }
  }
]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource onInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in insightsRows: {
    scope: insights
    name: guid(insights.id, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role(access.roles[row.role])
      description: row.why
    }
  }
]

resource pictures 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = [
  for row in blobRows: {
    name: '${pictureStorageName}/default/${row.name}'
  }
]

resource onPictures 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (row, index) in blobRows: {
    scope: pictures[index]
    name: guid(pictures[index].id, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role(access.roles[row.role])
      description: row.why
    }
  }
]

resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = [
  for row in queueRows: {
    name: '${namespaceName}/${row.name}'
  }
]

resource onQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (row, index) in queueRows: {
    scope: queue[index]
    name: guid(queue[index].id, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role(access.roles[row.role])
      description: row.why
    }
  }
]

resource models 'Microsoft.CognitiveServices/accounts@2025-09-01' existing = if (withModels) {
  name: modelsName
}

resource onModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for row in modelRows: {
    scope: models
    name: guid(models.id, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: role(access.roles[row.role])
      description: row.why
    }
  }
]

resource cosmos 'Microsoft.DocumentDB/databaseAccounts@2025-10-15' existing = {
  name: cosmosName
}

// Cosmos DB's own roles: `az role assignment list` does not show them, and a scope is a path of its own kind.
resource onContainer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-10-15' = [
  for row in containerRows: {
    parent: cosmos
    name: guid(cosmos.id, row.name, row.app, row.role)
    properties: {
      principalId: identity[indexOf(apps, row.app)].properties.principalId
      roleDefinitionId: '${cosmos.id}/sqlRoleDefinitions/${access.roles[row.role]}'
      scope: '${cosmos.id}/dbs/${databaseName}/colls/${row.name}'
    }
  }
]
