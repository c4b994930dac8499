// A function app on Flex Consumption, which wants a plan of its own; its settings come from settings.bicep.
param location string
param tags object
@description('Name of the service in azure.yaml, and of the app\'s part of the store.')
param service string
param planName string
param appName string
param identityName string
param hostStorageName string
param packageContainer string
@description('What it is told beside what follows from its identity.')
param settings object
param insightsName string
@allowed(['22', '24'])
param nodeVersion string
param instanceMemory int
param maximumInstances int
@description('Functions, or the group `http`, of which so many instances are always ready.')
param alwaysReady { name: string, instanceCount: int }[]
param zoneRedundant bool
@description('Whether strangers may call it. Of an app that a Static Web App is linked to the link decides: IP rules would shut out the Static Web App too.')
param linked bool
@description('The subnet that the app joins; empty: none.')
param subnetId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

// No more of siteConfig than this: Flex refuses much of it, and what it refuses depends on the region.
resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': service })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      ipSecurityRestrictionsDefaultAction: linked ? 'Allow' : 'Deny'
      // Deployments come in by this door, with the deployer's own sign-in.
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${hostStorageName}.blob.${environment().suffixes.storage}/${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    settings,
    // A trigger's connection needs to be told the identity; the app's own SDKs follow AZURE_CLIENT_ID.
    contains(settings, 'ServiceBusConnection__credential')
      ? { ServiceBusConnection__clientId: identity.properties.clientId }
      : {},
    {
      AZURE_CLIENT_ID: identity.properties.clientId
      AzureWebJobsStorage__blobServiceUri: 'https://${hostStorageName}.blob.${environment().suffixes.storage}'
      // Without these two the host falls silent with an identity that is not the system's.
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    }
  )
}

resource ftp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource scm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}
