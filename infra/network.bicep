// A virtual network that the apps join to reach Cosmos DB and storage, which then answer nowhere else. A subnet an app:
// Flex shares none, and one stays bound to its app for a while after the app is gone.
param location string
param tags object
param networkName string
param apps string[]
param cosmosName string
param storageNames string[]

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var cosmosZone = 'privatelink.documents.azure.com'

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: networkName
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: concat(
      [{ name: 'endpoints', properties: { addressPrefix: '10.20.0.0/24' } }],
      map(apps, (app, index) => {
        name: app
        properties: {
          addressPrefix: '10.20.${index + 1}.0/24'
          delegations: [{ name: 'flex', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      })
    )
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in [blobZone, cosmosZone]: {
    name: name
    location: 'global'
    tags: tags
  }
]

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for index in range(0, 2): {
    parent: zone[index]
    name: networkName
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

var targets = concat(
  map(storageNames, name => {
    name: name
    id: resourceId('Microsoft.Storage/storageAccounts', name)
    group: 'blob'
    zone: blobZone
  }),
  [
    {
      name: cosmosName
      id: resourceId('Microsoft.DocumentDB/databaseAccounts', cosmosName)
      group: 'Sql'
      zone: cosmosZone
    }
  ]
)

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = [
  for target in targets: {
    name: 'pe-${target.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: '${network.id}/subnets/endpoints' }
      privateLinkServiceConnections: [
        { name: target.group, properties: { privateLinkServiceId: target.id, groupIds: [target.group] } }
      ]
    }
  }
]

resource endpointZone 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = [
  for (target, index) in targets: {
    parent: endpoint[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: target.group
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', target.zone) }
        }
      ]
    }
    dependsOn: [zone]
  }
]
