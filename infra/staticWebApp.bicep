// A Static Web App in front of a function app. Linking locks the app behind it, which is why the app may trust the
// header with the caller's roles; the lock is declared after the link, since an app that has it for another is refused.
param location string
param tags object
param name string
@description('Name of the service in azure.yaml.')
param service string
param backendName string
@secure()
@description('Settings of the sign-in: empty, or the id and secret of an Entra app.')
param settings object

resource backend 'Microsoft.Web/sites@2025-03-01' existing = {
  name: backendName
}

resource web 'Microsoft.Web/staticSites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': service })
  sku: { name: 'Standard', tier: 'Standard' }
  properties: { stagingEnvironmentPolicy: 'Disabled', allowConfigFileUpdates: true }
}

resource webSettings 'Microsoft.Web/staticSites/config@2025-03-01' = {
  parent: web
  name: 'appsettings'
  properties: settings
}

resource link 'Microsoft.Web/staticSites/linkedBackends@2025-03-01' = {
  parent: web
  name: 'api'
  properties: { backendResourceId: backend.id, region: location }
}

resource lock 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: backend
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: { requireAuthentication: true, unauthenticatedClientAction: 'Return401' }
    identityProviders: {
      azureStaticWebApps: { enabled: true, registration: { clientId: web.properties.defaultHostname } }
    }
  }
  dependsOn: [link]
}

output url string = 'https://${web.properties.defaultHostname}'
