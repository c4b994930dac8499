// Everything in the resource group. Names are variables here, never outputs of modules, so that what would be created
// can be evaluated without an account (`npm test -- infra`).
import { appName, hostAccountName, identityName, planName } from 'names.bicep'
import { appSettings } from 'settings.bicep'

param location string
param tags object
param token string
param nodeVersion string
param serviceBusTier string
param alwaysReadyInstances int
param maximumInstances int
param instanceMemory int
param republishMinutes int
param ordersPerHour int
param currency string
param orderRetentionDays int
param ordersPerMinute int
param callerOrdersPerMinute int
param textModel string
param textModelVersion string
param imageModel string
param imageModelVersion string
param modelCapacity int
param alertEmail string
param monthlyBudget int
param budgetStart string
param private bool
param zoneRedundant bool
param dailyLogLimit int
param signInClientId string
@secure()
param signInClientSecret string
param adminGroups string
param onFunctions bool
param onAks bool
param clusterKind string
param nodeSize string
param deployerId string

var apps = concat(['store', 'admin', 'makeline'], ordersPerHour > 0 ? ['simulation'] : [])
var functionApps = onFunctions ? apps : []
var webApps = onFunctions ? ['store', 'admin'] : []
// KEDA counts the messages that wait, as nobody else.
var identities = concat(apps, onAks ? ['keda'] : [])
var models = concat(
  empty(textModel) ? [] : [{ name: textModel, version: textModelVersion }],
  empty(imageModel) ? [] : [{ name: imageModel, version: imageModelVersion }]
)
var withModels = !empty(models)

var databaseName = 'store'
var packages = 'packages'
var pictures = 'product-images'
var namespaceName = 'sb-${token}'
var cosmosName = 'cosmos-${token}'
var pictureStorageName = 'stimages${token}'
var workspaceName = 'log-${token}'
var insightsName = 'appi-${token}'
var modelsName = 'ai-${token}'
var networkName = 'vnet-${token}'

// A makeline's instance holds two connections to Service Bus (the host's and the app's), others one; Basic has 100.
var instances = serviceBusTier == 'Basic' ? min(maximumInstances, 20) : maximumInstances

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = [
  for app in identities: {
    name: identityName(app, token)
    location: location
    tags: tags
  }
]

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    tags: tags
    workspaceName: workspaceName
    insightsName: insightsName
    dailyLogLimit: dailyLogLimit
  }
}

module cosmos 'cosmos.bicep' = {
  name: 'cosmos'
  params: {
    location: location
    tags: tags
    accountName: cosmosName
    databaseName: databaseName
    zoneRedundant: zoneRedundant
    private: private
  }
}

module serviceBus 'serviceBus.bicep' = {
  name: 'serviceBus'
  params: { location: location, tags: tags, namespaceName: namespaceName, tier: serviceBusTier }
}

module pictureStorage 'storage.bicep' = {
  name: 'storage-images'
  params: {
    location: location
    tags: tags
    accountName: pictureStorageName
    containerName: pictures
    zoneRedundant: zoneRedundant
    private: private
  }
}

module hostStorage 'storage.bicep' = [
  for app in apps: {
    name: 'storage-${app}'
    params: {
      location: location
      tags: tags
      accountName: hostAccountName(app, token)
      containerName: packages
      zoneRedundant: zoneRedundant
      private: private
    }
  }
]

module modelAccount 'models.bicep' = if (withModels) {
  name: 'models'
  params: { location: location, tags: tags, accountName: modelsName, models: models, capacity: modelCapacity }
}

module access 'access.bicep' = {
  name: 'access'
  params: {
    token: token
    apps: identities
    withModels: withModels
    withInsights: onFunctions
    namespaceName: namespaceName
    cosmosName: cosmosName
    databaseName: databaseName
    pictureStorageName: pictureStorageName
    insightsName: insightsName
    modelsName: modelsName
  }
  dependsOn: [identity, monitoring, cosmos, serviceBus, pictureStorage, hostStorage, modelAccount]
}

module virtualNetwork 'network.bicep' = if (private) {
  name: 'network'
  params: {
    location: location
    tags: tags
    networkName: networkName
    apps: apps
    cosmosName: cosmosName
    storageNames: concat([pictureStorageName], map(apps, app => hostAccountName(app, token)))
  }
  dependsOn: [cosmos, pictureStorage, hostStorage]
}

// Subnets in the order of `apps`.
var subnets = map(apps, app => private ? resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, app) : '')

// What is always ready, where anything is: HTTP functions share instances, any other function has its own.
var alwaysReady = {
  store: 'http'
  admin: 'http'
  makeline: 'function:makeOrders'
}

var names = {
  authority: '${environment().authentication.loginEndpoint}${tenant().tenantId}'
  storageSuffix: environment().suffixes.storage
  pictureStorage: pictureStorageName
  cosmos: cosmosName
  database: databaseName
  namespace: namespaceName
  republishMinutes: republishMinutes
  ordersPerHour: ordersPerHour
  currency: currency
  orderRetentionDays: orderRetentionDays
  ordersPerMinute: ordersPerMinute
  callerOrdersPerMinute: callerOrdersPerMinute
  models: withModels ? modelsName : ''
  textModel: textModel
  imageModel: imageModel
  adminGroups: adminGroups
}

module functionApp 'functionApp.bicep' = [
  for (app, index) in functionApps: {
    name: 'app-${app}'
    params: {
      location: location
      tags: tags
      service: app
      planName: planName(app, token)
      appName: appName(app, token)
      identityName: identityName(app, token)
      hostStorageName: hostAccountName(app, token)
      packageContainer: packages
      settings: appSettings(app, names)
      insightsName: insightsName
      nodeVersion: nodeVersion
      instanceMemory: instanceMemory
      maximumInstances: instances
      alwaysReady: alwaysReadyInstances > 0 && contains(alwaysReady, app)
        ? [{ name: alwaysReady[app], instanceCount: alwaysReadyInstances }]
        : []
      zoneRedundant: zoneRedundant
      linked: contains(webApps, app)
      subnetId: subnets[index]
    }
    dependsOn: [access, identity, hostStorage, monitoring, virtualNetwork]
  }
]

// A function app has one Static Web App, and a Static Web App one function app: hence two of each.
module web 'staticWebApp.bicep' = [
  for app in webApps: {
    name: 'web-${app}'
    params: {
      location: location
      tags: tags
      name: 'swa-${app}-${token}'
      service: 'web-${app}'
      backendName: appName(app, token)
      settings: app == 'admin' && !empty(signInClientId)
        ? { ENTRA_CLIENT_ID: signInClientId, ENTRA_CLIENT_SECRET: signInClientSecret }
        : {}
    }
    dependsOn: [functionApp]
  }
]

module alerts 'alerts.bicep' = if (!empty(alertEmail)) {
  name: 'alerts'
  params: {
    location: location
    tags: tags
    email: alertEmail
    namespaceName: namespaceName
    workspaceName: workspaceName
    token: token
  }
  dependsOn: [serviceBus, monitoring]
}

module budget 'budget.bicep' = if (monthlyBudget > 0) {
  name: 'budget'
  params: { name: 'budget-${token}', amount: monthlyBudget, start: budgetStart, email: alertEmail }
}

module aks 'aks.bicep' = if (onAks) {
  name: 'aks'
  params: {
    location: location
    tags: tags
    token: token
    apps: identities
    identityNames: map(identities, app => identityName(app, token))
    kind: clusterKind
    nodeSize: nodeSize
    workspaceName: workspaceName
    deployerId: deployerId
    actionGroupId: empty(alertEmail) ? '' : alerts!.outputs.actionGroupId
  }
  dependsOn: [access, identity, monitoring]
}

output storeUrl string = onFunctions ? web[0].outputs.url : ''
output adminUrl string = onFunctions ? web[1].outputs.url : ''
output adminWebApp string = 'swa-admin-${token}'
output makelineApp string = appName('makeline', token)
output workspace string = workspaceName
output serviceBus string = namespaceName
output cluster string = onAks ? aks!.outputs.clusterName : ''
output registry string = onAks ? aks!.outputs.registry : ''

// Settings that all pods share, and those that the chart decides.
var sharedSettings = [
  'ServiceBusConnection__fullyQualifiedNamespace'
  'CosmosConnection__accountEndpoint'
  'CosmosDatabase'
  'ImagesConnection__blobServiceUri'
  'STORE_CURRENCY'
  'ORDER_RETENTION_DAYS'
]
var settingsOfHosting = [
  'ROLES'
  'AUTH'
  'AUTH_ISSUER'
  'AUTH_AUDIENCE'
  'AUTH_JWKS_URI'
  'ADMIN_GROUPS'
  'ServiceBusConnection__credential'
]

@description('What the chart is told (infra/kubernetes/chart), as JSON: addresses and client ids.')
output chartValues string = onAks
  ? string({
      settings: toObject(sharedSettings, name => name, name => appSettings('admin', names)[name])
      roles: toObject(apps, app => app, app => {
        settings: union(
          toObject(
            filter(items(appSettings(app, names)), one => !contains(concat(sharedSettings, settingsOfHosting), one.key)),
            one => one.key,
            one => one.value
          ),
          {
            AzureWebJobsStorage__blobServiceUri: 'https://${hostAccountName(app, token)}.blob.${environment().suffixes.storage}'
          }
        )
      })
      workloadIdentity: {
        enabled: true
        clientIds: toObject(aks!.outputs.clients, one => one.app, one => one.clientId)
        keda: filter(aks!.outputs.clients, one => one.app == 'keda')[0].clientId
      }
      keda: { enabled: true, namespace: namespaceName }
    })
  : ''
