/**
 * The built-in roles that the template assigns, with what each lets its owner do with data. Sources on Microsoft Learn are
 * named beside each group. What a role allows in the control plane alone is left out: nothing here asks for it, but for
 * actions on containers of blobs and on images, which their data planes ask for.
 */

export interface Role {
  readonly name: string
  /** Actions, in which `*` stands for anything. */
  readonly actions: readonly string[]
  /** What is taken away from them again. */
  readonly notActions?: readonly string[]
}

const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers'
const delegationKey = 'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action'
const models = 'Microsoft.CognitiveServices/accounts/OpenAI'
const cosmos = 'Microsoft.DocumentDB/databaseAccounts'
const documents = `${cosmos}/sqlDatabases/containers`

/** By the last part of their ids. */
export const roles: Readonly<Record<string, Role>> = {
  // "Azure built-in roles for Storage".
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': {
    name: 'Storage Blob Data Owner',
    actions: [`${containers}/*`, delegationKey, `${containers}/blobs/*`],
  },
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': {
    name: 'Storage Blob Data Contributor',
    actions: [
      ...['delete', 'read', 'write'].map((action) => `${containers}/${action}`),
      delegationKey,
      ...['delete', 'read', 'write', 'move/action', 'add/action'].map(
        (action) => `${containers}/blobs/${action}`,
      ),
    ],
  },
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': {
    name: 'Storage Blob Data Reader',
    actions: [`${containers}/read`, delegationKey, `${containers}/blobs/read`],
  },
  // "Azure built-in roles for Integration".
  '090c5cfd-751d-490a-894a-3ce6f1109419': {
    name: 'Azure Service Bus Data Owner',
    actions: ['Microsoft.ServiceBus/*'],
  },
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': {
    name: 'Azure Service Bus Data Sender',
    actions: ['Microsoft.ServiceBus/*/send/action'],
  },
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': {
    name: 'Azure Service Bus Data Receiver',
    actions: ['Microsoft.ServiceBus/*/receive/action'],
  },
  // "Azure built-in roles for AI + machine learning".
  '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd': {
    name: 'Cognitive Services OpenAI User',
    actions: [
      `${models}/*/read`,
      ...['completions', 'search', 'generate'].map((action) => `${models}/engines/${action}/action`),
      ...[
        'audio',
        'search',
        'completions',
        'chat/completions',
        'realtime',
        'extensions/chat/completions',
        'embeddings',
      ].map((action) => `${models}/deployments/${action}/action`),
      `${models}/images/generations/action`,
      `${models}/video/generations/*/action`,
      `${models}/video/generations/*/delete`,
      `${models}/assistants/*`,
      `${models}/responses/*`,
    ],
    notActions: [`${models}/stored-completions/read`],
  },
  // "Azure built-in roles for Monitor".
  '3913510d-42f4-4e42-8a64-420c390055eb': {
    name: 'Monitoring Metrics Publisher',
    actions: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write'],
  },
  // "Azure built-in roles for Containers".
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': {
    name: 'AcrPull',
    actions: ['Microsoft.ContainerRegistry/registries/pull/read'],
  },
  'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b': {
    name: 'Azure Kubernetes Service RBAC Cluster Admin',
    actions: ['Microsoft.ContainerService/managedClusters/*'],
  },
  // "Azure Cosmos DB for NoSQL data plane security reference": roles of the account itself, and of nothing else.
  '00000000-0000-0000-0000-000000000001': {
    name: 'Cosmos DB Built-in Data Reader',
    actions: [
      `${cosmos}/readMetadata`,
      `${documents}/executeQuery`,
      `${documents}/readChangeFeed`,
      `${documents}/items/read`,
    ],
  },
  '00000000-0000-0000-0000-000000000002': {
    name: 'Cosmos DB Built-in Data Contributor',
    actions: [`${cosmos}/readMetadata`, `${documents}/*`, `${documents}/items/*`],
  },
}

/**
 * Whether a role lets its owner do something. Names are compared without case, as Azure does.
 * @throws {Error} for a role that is not in the table: nothing is guessed.
 */
export function grants(role: string, action: string): boolean {
  const known = roles[role]
  if (!known) throw new Error(`The role ${role} is not known here: add it, with its actions, to ${here}.`)
  const isAmong = (patterns: readonly string[] = []) => patterns.some((pattern) => matches(pattern, action))
  return isAmong(known.actions) && !isAmong(known.notActions)
}

/** Another role of the table that allows all these actions and less beside them, the narrowest; undefined: there is none. */
export function narrowerRole(role: string, actions: readonly string[]): string | undefined {
  const isNarrower = (id: string) =>
    id !== role &&
    actions.every((action) => grants(id, action)) &&
    (roles[id]?.actions ?? []).every((pattern) => grants(role, pattern))
  const found = Object.keys(roles).find(isNarrower)
  return found && (narrowerRole(found, actions) ?? found)
}

const here = 'local/azure/roles.ts'

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action)
}
