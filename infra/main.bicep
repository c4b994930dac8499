// The whole store on Azure: a resource group and everything in it. `azd up` deploys it with main.parameters.json.
// No key, password or connection string is made: every connection is by identity, and who may do what is in access.json.
targetScope = 'subscription'

@description('Name of the azd environment. The resource group is called rg-NAME, and every name below follows from it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of everything. These have Static Web Apps and, as of 2026-11, Flex Consumption; the preprovision hook asks Azure again. Prices differ by some 20 % between regions.')
@allowed(['centralus', 'eastasia', 'eastus2', 'westeurope', 'westus2'])
@metadata({ azd: { type: 'location' } })
param location string

@description('Version of Node on Flex Consumption. Azure does not check it: a version that the region lacks ends in an app that never starts. No effect on the price.')
@allowed(['22', '24'])
param nodeVersion string = '24'

@description('Tier of Service Bus. Standard: about 10 USD a month. Basic: cents, but 100 connections in all (so fewer instances), and a message of orders-failed expires after 14 days into that queue\'s own dead-letter queue.')
@allowed(['Basic', 'Standard'])
param serviceBusTier string = 'Standard'

@description('Instances of each web-facing app that are always ready, so that nobody waits for a cold start. 0 costs nothing; each is paid for by the second, all month: about 20 USD a month with 2048 MB.')
@minValue(0)
@maxValue(10)
param alwaysReadyInstances int = 0

@description('Most instances of an app. A bound on the bill and on connections to Service Bus; 20 at most are used with the tier Basic.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Memory of an instance in MB. The price of an execution is proportional to it. 512 exists, but is refused in places.')
@allowed([2048, 4096])
param instanceMemory int = 2048

@description('Seconds are paid for each run of the republisher, of which there is one each so many minutes: each 5 is some 18,000 GB-s a month (within the free grant), each 1 some 88,000.')
@allowed([1, 2, 5, 10, 15, 30])
param republishMinutes int = 5

@description('Orders an hour that the simulation places and completes; 0: no such app is made, and one that is there stays (see docs/azure.md). It costs some executions and RUs an order.')
@minValue(0)
@maxValue(36000)
param ordersPerHour int = 0

@description('ISO 4217 code of the currency of all prices, in the API and in both web apps. No effect on the bill.')
@minLength(3)
@maxLength(3)
param currency string = 'USD'

@description('Days after its last change for which an order is kept; 0: for good. A million orders are about 1 GB, which costs 0.25 USD a month; what is removed costs nothing.')
@minValue(0)
@maxValue(20000)
param orderRetentionDays int = 0

@description('Orders a minute that an instance of the store takes in all; 0: no bound. A bound on what a script that runs wild can cost.')
@minValue(0)
@maxValue(1000000)
param ordersPerMinute int = 3000

@description('Orders a minute that an instance of the store takes from one address; 0: no bound. Free.')
@minValue(0)
@maxValue(1000000)
param callerOrdersPerMinute int = 120

@description('Model that writes descriptions; empty: none. As of 2026-08: gpt-5.4-mini. Paid for by the token. See `az cognitiveservices model list -l REGION`.')
@maxLength(64)
param textModel string = ''

@description('Version of the text model. As of 2026-08 gpt-5.4-mini has 2026-03-17, which retires on 2027-03-18.')
@maxLength(20)
param textModelVersion string = '2026-03-17'

@description('Model that draws pictures; empty: none. As of 2026-08: gpt-image-2. Paid for by the picture.')
@maxLength(64)
param imageModel string = ''

@description('Version of the image model. As of 2026-08 gpt-image-2 has 2026-04-21, which retires on 2027-04-21.')
@maxLength(20)
param imageModelVersion string = '2026-04-21'

@description('Thousand tokens a minute (text) and pictures a minute (images) that each model may be asked for: quota, not price.')
@minValue(1)
@maxValue(1000)
param modelCapacity int = 10

@description('Who gets alerts and notes on the budget; empty: nobody, and no alert is made. An alert on a metric costs about 0.10 USD a month, one on logs 0.50 to 1.50.')
@maxLength(254)
param alertEmail string = ''

@description('Monthly budget in the currency of the subscription; at 80 and 100 % the alert e-mail is told. 0: none. It stops nothing, and is free.')
@minValue(0)
@maxValue(1000000)
param monthlyBudget int = 0

@description('First day of the month in which the budget begins. It cannot be changed later, so it is stored with the environment (the preprovision hook does).')
@minLength(10)
@maxLength(10)
param budgetStart string = '2026-11-01'

@description('Private: Cosmos DB and storage answer only inside a virtual network that the apps join (a private endpoint each: 5, with the simulation 6, about 40 USD a month). Never for calls *to* the linked apps: a Static Web App reaches its app from outside, and one behind IP rules or a private endpoint answers "Backend call failure". Service Bus stays public (private needs Premium), by identity alone.')
@allowed(['public', 'private'])
param network string = 'public'

@description('Copies in several zones of the region. Each app then keeps two instances always ready; storage and Cosmos DB cost about a quarter more.')
param zoneRedundant bool = false

@description('Data that the workspace takes in a day, in GB, as a bound on the bill; the first 5 GB a month are free.')
@minValue(1)
@maxValue(100)
param dailyLogLimit int = 1

@description('Client id of your own Entra app for employees\' sign-in; empty: the built-in sign-in with invitations. See docs/azure.md.')
@maxLength(36)
param signInClientId string = ''

@description('Secret of that Entra app: the only secret there is, kept in the settings of the Static Web App.')
@secure()
param signInClientSecret string = ''

@description('Object ids of the Entra groups whose members are employees, separated by commas; with an Entra app of your own.')
@maxLength(400)
param adminGroups string = ''

@description('Where the functions run: on Flex Consumption, in Kubernetes (AKS), or both, on the same data. A cluster costs from about 220 USD a month (Automatic), idle or not.')
@allowed(['functions', 'aks', 'both'])
param hosting string = 'functions'

@description('Kind of cluster. Automatic manages its nodes itself; Standard is a pool of three nodes.')
@allowed(['Automatic', 'Standard'])
param clusterKind string = 'Automatic'

@description('Size of the nodes; the price of the cluster is mostly theirs.')
@minLength(1)
@maxLength(40)
param nodeSize string = 'Standard_D4lds_v5'

@description('Host name at which the store answers on AKS, such as store.example.com; it must lead to the cluster\'s gateway.')
@maxLength(253)
param storeHost string = ''

@description('Host name at which the admin answers on AKS.')
@maxLength(253)
param adminHost string = ''

var onFunctions = hosting != 'aks'
var onAks = hosting != 'functions'

// Pods are not in the virtual network of the function apps.
var private = network == 'private' && onAks
  ? fail('NETWORK=private goes with HOSTING=functions only: the cluster would not reach its data.')
  : network == 'private'

var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module resources 'resources.bicep' = {
  name: 'resources'
  scope: group
  params: {
    location: location
    tags: tags
    // The same on every run: a renamed app could not take the place of the one that is linked to its Static Web App.
    token: uniqueString(subscription().id, environmentName, location)
    nodeVersion: nodeVersion
    serviceBusTier: serviceBusTier
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    republishMinutes: republishMinutes
    ordersPerHour: ordersPerHour
    currency: currency
    orderRetentionDays: orderRetentionDays
    ordersPerMinute: ordersPerMinute
    callerOrdersPerMinute: callerOrdersPerMinute
    textModel: textModel
    textModelVersion: textModelVersion
    imageModel: imageModel
    imageModelVersion: imageModelVersion
    modelCapacity: modelCapacity
    alertEmail: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
    private: private
    onFunctions: onFunctions
    onAks: onAks
    clusterKind: clusterKind
    nodeSize: nodeSize
    deployerId: deployer().objectId
    zoneRedundant: zoneRedundant
    dailyLogLimit: dailyLogLimit
    signInClientId: signInClientId
    signInClientSecret: signInClientSecret
    adminGroups: adminGroups
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output STORE_URL string = onFunctions ? resources.outputs.storeUrl : 'https://${storeHost}'
output ADMIN_URL string = onFunctions ? resources.outputs.adminUrl : 'https://${adminHost}'
output ADMIN_WEB_APP string = resources.outputs.adminWebApp
output MAKELINE_APP string = resources.outputs.makelineApp
output LOG_WORKSPACE string = resources.outputs.workspace
output AKS_CLUSTER string = resources.outputs.cluster
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = resources.outputs.registry
output SERVICE_BUS_NAMESPACE string = resources.outputs.serviceBus
output CHART_VALUES string = resources.outputs.chartValues
