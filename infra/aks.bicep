// A Kubernetes cluster for the same roles: AKS with workload identity, KEDA and the Gateway API, a registry for the images,
// and for each role's identity the word that its service account may speak for it. The chart is infra/kubernetes/chart.
param location string
param tags object
@minLength(13)
param token string
@description('The apps whose identities the pods take on.')
param apps string[]
@description('Their names, in the same order.')
param identityNames string[]
@description('Automatic: nodes are managed and made as pods need them. Standard: a pool of three nodes.')
@allowed(['Automatic', 'Standard'])
param kind string
param nodeSize string
param workspaceName string
@description('Object id of whoever deploys, who then may apply the chart; empty: nobody.')
param deployerId string
@description('Who is told of alerts; empty: nobody.')
param actionGroupId string

// As in the chart: the namespace of the store, and KEDA's own account.
var namespace = 'store'
var kedaAccount = 'system:serviceaccount:kube-system:keda-operator'
var clusterName = 'aks-${token}'
var standard = kind == 'Standard'

// Automatic clusters have most of this by themselves; it is said all the same, so that both kinds are alike.
resource cluster 'Microsoft.ContainerService/managedClusters@2026-03-01' = {
  name: clusterName
  location: location
  tags: tags
  sku: standard ? { name: 'Base', tier: 'Standard' } : { name: 'Automatic', tier: 'Standard' }
  identity: { type: 'SystemAssigned' }
  properties: {
    dnsPrefix: clusterName
    nodeResourceGroup: 'rg-nodes-${token}'
    agentPoolProfiles: [
      union(
        { name: 'system', mode: 'System', osType: 'Linux', vmSize: nodeSize, count: 3 },
        standard ? { osSKU: 'AzureLinux', availabilityZones: ['1', '2', '3'] } : {}
      )
    ]
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
    }
    disableLocalAccounts: true
    aadProfile: { managed: true, enableAzureRBAC: true }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    workloadAutoScalerProfile: { keda: { enabled: true } }
    ingressProfile: {
      gatewayAPI: { installation: 'Standard' }
      webAppRouting: { enabled: true, gatewayAPIImplementations: { appRoutingIstio: { mode: 'Enabled' } } }
    }
    azureMonitorProfile: { metrics: { enabled: true } }
    addonProfiles: {
      omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspace.id, useAADAuth: 'true' } }
    }
    autoUpgradeProfile: { upgradeChannel: 'stable', nodeOSUpgradeChannel: 'NodeImage' }
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

// Who may speak for an identity: the service account of the role's name. One each, for an identity takes one at a time.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = [
  for name in identityNames: {
    name: name
  }
]

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = [
  for (app, index) in apps: {
    parent: identity[index]
    name: clusterName
    properties: {
      issuer: cluster.properties.oidcIssuerProfile.issuerURL
      subject: app == 'keda' ? kedaAccount : 'system:serviceaccount:${namespace}:${app}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
]

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false, anonymousPullEnabled: false }
}

// The nodes fetch images, and do nothing else there.
resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, clusterName, 'AcrPull')
  properties: {
    principalId: cluster.properties.identityProfile.kubeletidentity.objectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '7f951dda-4ed3-4680-a7ca-43fe172d538d'
    )
    description: 'The nodes fetch the images of the pods.'
  }
}

// Without it, whoever made the cluster could not apply anything to it: local accounts are off.
resource deployer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  scope: cluster
  name: guid(cluster.id, deployerId, 'Azure Kubernetes Service RBAC Cluster Admin')
  properties: {
    principalId: deployerId
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b'
    )
    description: 'Whoever deploys applies the chart.'
  }
}

// Managed Prometheus: a workspace of its own, and the rule that sends the cluster's metrics there.
resource prometheus 'Microsoft.Monitor/accounts@2025-10-03' = {
  name: 'prometheus-${token}'
  location: location
  tags: tags
}

module rules 'prometheusRules.bicep' = {
  name: 'prometheus-rules'
  params: {
    location: location
    tags: tags
    token: token
    workspaceId: prometheus.id
    clusterName: clusterName
    actionGroupId: actionGroupId
  }
}

resource metricsRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'prometheus-${token}'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: { prometheusForwarder: [{ name: 'prometheus', streams: ['Microsoft-PrometheusMetrics'] }] }
    destinations: { monitoringAccounts: [{ name: 'prometheus', accountResourceId: prometheus.id }] }
    dataFlows: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['prometheus'] }]
  }
}

resource metricsOfCluster 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  scope: cluster
  name: 'prometheus'
  properties: { dataCollectionRuleId: metricsRule.id }
}

// Container Insights: what containers write, and how nodes are.
resource logsRule 'Microsoft.Insights/dataCollectionRules@2024-03-11' = {
  name: 'containers-${token}'
  location: location
  tags: tags
  kind: 'Linux'
  properties: {
    dataSources: {
      extensions: [
        {
          name: 'containers'
          extensionName: 'ContainerInsights'
          streams: ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory']
          extensionSettings: {
            dataCollectionSettings: { interval: '1m', namespaceFilteringMode: 'Off', enableContainerLogV2: true }
          }
        }
      ]
    }
    destinations: { logAnalytics: [{ name: 'workspace', workspaceResourceId: workspace.id }] }
    dataFlows: [
      {
        streams: ['Microsoft-ContainerLogV2', 'Microsoft-KubeEvents', 'Microsoft-KubePodInventory']
        destinations: ['workspace']
      }
    ]
  }
}

resource logsOfCluster 'Microsoft.Insights/dataCollectionRuleAssociations@2024-03-11' = {
  scope: cluster
  name: 'containers'
  properties: { dataCollectionRuleId: logsRule.id }
}

output clusterName string = clusterName
output clients { app: string, clientId: string }[] = [
  for (app, index) in apps: { app: app, clientId: identity[index].properties.clientId }
]
output registry string = registry.properties.loginServer
