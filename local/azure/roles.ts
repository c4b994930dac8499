/**
 * The built-in roles that the template assigns, with what each lets its owner do with data. Sources: "Azure built-in
 * roles" (pages Storage, Integration, AI + machine learning, Monitor) and "Azure Cosmos DB for NoSQL data plane security
 * reference" on Microsoft Learn. Of storage roles the actions on containers count as well: the data plane asks for them.
 */

export interface Role {
  readonly name: string
  /** Actions, in which `*` stands for anything. */
  readonly actions: readonly string[]
}

const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers'
const models = 'Microsoft.CognitiveServices/accounts/OpenAI'
const cosmos = 'Microsoft.DocumentDB/databaseAccounts'
const documents = `${cosmos}/sqlDatabases/containers`

/** By the last part of their ids. */
export const roles: Readonly<Record<string, Role>> = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': {
    name: 'Storage Blob Data Owner',
    actions: [`${containers}/*`, `${containers}/blobs/*`],
  },
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': {
    name: 'Storage Blob Data Contributor',
    actions: [
      ...['delete', 'read', 'write'].map((action) => `${containers}/${action}`),
      ...['delete', 'read', 'write', 'move/action', 'add/action'].map(
        (action) => `${containers}/blobs/${action}`,
      ),
    ],
  },
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': {
    name: 'Storage Blob Data Reader',
    actions: [`${containers}/read`, `${containers}/blobs/read`],
  },
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
  '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd': {
    name: 'Cognitive Services OpenAI User',
    // Of some thirty, those that calls of this store can need.
    actions: [
      `${models}/*/read`,
      `${models}/deployments/chat/completions/action`,
      `${models}/images/generations/action`,
    ],
  },
  '3913510d-42f4-4e42-8a64-420c390055eb': {
    name: 'Monitoring Metrics Publisher',
    actions: ['Microsoft.Insights/Metrics/Write', 'Microsoft.Insights/Telemetry/Write'],
  },
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
  return known.actions.some((pattern) => matches(pattern, action))
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
