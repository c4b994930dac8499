// The models that write descriptions and draw pictures, by name and version.
param location string
param tags object
param accountName string
param models { name: string, version: string }[]
param capacity int

resource account 'Microsoft.CognitiveServices/accounts@2025-09-01' = {
  name: accountName
  location: location
  tags: tags
  kind: 'AIServices'
  sku: { name: 'S0' }
  properties: { customSubDomainName: accountName, disableLocalAuth: true, publicNetworkAccess: 'Enabled' }
}

// The service takes one deployment at a time.
@batchSize(1)
resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-09-01' = [
  for model in models: {
    parent: account
    name: model.name
    sku: { name: 'GlobalStandard', capacity: capacity }
    properties: {
      model: { format: 'OpenAI', name: model.name, version: model.version }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }
]
