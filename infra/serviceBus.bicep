// Service Bus; its queues are those of the local broker (service-bus.json), whose names for settings are Azure's too.
param location string
param tags object
param namespaceName string
@allowed(['Basic', 'Standard'])
param tier string

var basic = tier == 'Basic'
var queues = loadJsonContent('service-bus.json', '$.UserConfig.Namespaces[0].Queues')

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: namespaceName
  location: location
  tags: tags
  sku: { name: tier, tier: tier }
  properties: { disableLocalAuth: true, minimumTlsVersion: '1.2' }
}

// Basic keeps no message for more than 14 days: one of orders-failed then goes to the dead-letter queue of that queue, not to waste.
resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for definition in queues: {
    parent: namespace
    name: definition.Name
    properties: union(
      {
        lockDuration: definition.Properties.LockDuration
        maxDeliveryCount: definition.Properties.MaxDeliveryCount
        deadLetteringOnMessageExpiration: basic || definition.Properties.DeadLetteringOnMessageExpiration
      },
      basic || contains(definition.Properties, 'DefaultMessageTimeToLive')
        ? { defaultMessageTimeToLive: definition.Properties.?DefaultMessageTimeToLive ?? 'P14D' }
        : {}
    )
  }
]
