/** The servers that stand behind the names of a template: broker, Cosmos DB, models, blobs. */
import { choosePorts } from '../cloud/ports.ts'
import { type Cosmos, startCosmos } from '../cosmos/index.ts'
import { type StandIn, startStandIn } from '../openai/index.ts'
import { type ServiceBus, startServiceBus } from '../service-bus/index.ts'
import { brokerAccess, cosmosAccess, type Surroundings } from './access.ts'
import { type Azurite, startAzurite } from './azurite.ts'
import type { Certificate } from './certificate.ts'
import type { Deployment } from './deployment.ts'

export interface Parts {
  readonly bus: ServiceBus
  readonly cosmos: Cosmos
  readonly models: StandIn
  readonly azurite: Azurite
}

/**
 * Starts them.
 * @param folder where the certificate is put for Azurite
 * @throws {Error} of the first that does not start; then none is left running.
 */
export async function startParts(
  { serviceBus, cosmos, storage, models }: Deployment,
  surroundings: Omit<Surroundings, 'isThere'>,
  certificate: Certificate,
  folder: string,
): Promise<Parts> {
  const started: { -readonly [Name in keyof Parts]?: Parts[Name] } = {}
  const hasQueue = (name: string) => started.bus?.counts(name) !== undefined
  const hasScope = (scope: string) => {
    const [, , database = '', , container] = scope.split('/')
    return started.cosmos?.has(database, container) === true
  }
  const ports = await choosePorts({})
  const outcomes = await Promise.allSettled([
    startServiceBus({
      port: ports['service-bus'],
      adminPort: ports['service-bus-admin'],
      config: { UserConfig: { Namespaces: [{ Name: 'deployed', Queues: serviceBus.queues, Topics: [] }] } },
      access: brokerAccess(serviceBus, { ...surroundings, isThere: hasQueue }),
    }).then((bus) => Object.assign(started, { bus })),
    startCosmos({
      port: ports.cosmos,
      tls: certificate,
      disableLocalAuth: true,
      access: cosmosAccess(cosmos, { ...surroundings, isThere: hasScope }),
      databases: [{ id: cosmos.database, containers: cosmos.containers }],
    }).then((server) => Object.assign(started, { cosmos: server })),
    startStandIn({ models: [...(models?.deployments ?? [])] }).then((server) =>
      Object.assign(started, { models: server }),
    ),
    startAzurite(
      storage.map(({ name }) => name),
      certificate,
      folder,
      ports.blob,
    ).then((azurite) => Object.assign(started, { azurite })),
  ])
  const failed = outcomes.find((one) => one.status === 'rejected')
  if (!failed) return started as Parts
  await stopParts(started)
  throw failed.reason
}

export const stopParts = async ({ bus, cosmos, models, azurite }: Partial<Parts>): Promise<void> => {
  await Promise.all([bus?.close(), cosmos?.close(), models?.close(), azurite?.stop()])
}
