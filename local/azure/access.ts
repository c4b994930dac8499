/** The broker and the Cosmos DB server under the template's role assignments, each through its own `Access`. */
import type { Access as CosmosAccess } from '../cosmos/access/access.ts'
import { entraAccess as cosmosEntra } from '../cosmos/access/entra.ts'
import type { Access as BrokerAccess, Right } from '../service-bus/access.ts'
import { entraAccess as brokerEntra } from '../service-bus/entra.ts'
import { absent } from './absent.ts'
import type { Authority, Claims } from './authority.ts'
import type { Clock } from './clock.ts'
import type { Deployment } from './deployment.ts'
import type { Rights } from './rights.ts'

/** What a right to a queue is called among data actions. Azure has no name for `Manage`: only the owner's `*` covers it. */
const brokerActions: Record<Right, string> = {
  Listen: 'Microsoft.ServiceBus/namespaces/messages/receive/action',
  Send: 'Microsoft.ServiceBus/namespaces/messages/send/action',
  Manage: 'Microsoft.ServiceBus/namespaces/queues/manage',
}

/** What the servers ask of the world around them. */
export interface Surroundings {
  readonly authority: Authority
  readonly rights: Rights
  readonly clock: Clock
  /** Whether a queue, or a scope such as `/dbs/store/colls/orders`, is there now. */
  isThere(name: string): boolean
}

export function brokerAccess(
  { id, queues }: Deployment['serviceBus'],
  surroundings: Surroundings,
): BrokerAccess {
  const { authority, rights, clock } = surroundings
  const { keys, issuer } = authority
  const names = queues.map(({ Name }) => Name)
  const access = brokerEntra({
    keys: keys as never,
    issuer,
    isAllowed: (claims, entity, right) => {
      const queue = queueOf(entity)
      const resource = `${id}/queues/${queue}`
      return rights.allows(claims as Claims, brokerActions[right], resource, {
        ...(!surroundings.isThere(queue) && { missing: absent(queue, names) }),
        // A link to the node of management is for who may send as well as for who may receive.
        ...(/\/\$management$/i.test(entity) && { oneOf: entity }),
      })
    },
  })
  return {
    allows: access.allows,
    authorize: told(access.authorize, clock, authority, rights, id, serviceBusAudience),
  }
}

export const serviceBusAudience = 'https://servicebus.azure.net'

/** `orders/$DeadLetterQueue`, `orders/$management`: `orders`. */
const queueOf = (entity: string) =>
  entity
    .replace(/^[a-z]+:\/\/[^/]+/i, '')
    .replace(/^\/+/, '')
    .split('/', 1)
    .join()

export function cosmosAccess(
  { id, host, database, containers }: Deployment['cosmos'],
  surroundings: Surroundings,
): CosmosAccess {
  const { authority, rights, clock } = surroundings
  const { keys, issuer } = authority
  const audience = ['https://cosmos.azure.com', `https://${host}`]
  const names = containers.map((one) => `/dbs/${database}/colls/${one.id}`)
  const access = cosmosEntra(
    {
      keys: keys as never,
      issuer,
      audience: audience.flatMap((one) => [one, `${one}/`]),
      isAllowed: (claims, action, scope = '') => {
        const resource = `${id}${scope === '/' ? '' : scope}`
        const isThere = ['', '/'].includes(scope) || surroundings.isThere(scope)
        return rights.allows(claims as Claims, action, resource, {
          anywhere: scope === '',
          ...(!isThere && { missing: absent(scope, names) }),
        })
      },
    },
    () => `https://${host}`,
  )
  return {
    allows: access.allows,
    authorize: told(access.authorize, clock, authority, rights, id, ...audience),
  }
}

/** The same check by the service's own clock, of which every refusal is written down, with a reason that says what to do. */
function told<T>(
  authorize: (token: string, now: number) => T | Promise<T>,
  clock: Clock,
  authority: Authority,
  rights: Rights,
  resource: string,
  ...audiences: string[]
) {
  return async (token: string): Promise<T> => {
    const now = clock.now()
    const result = await authorize(token, now)
    const { refused } = result as { refused?: string }
    if (refused !== undefined) {
      const asked = { action: 'to sign in', resource }
      if (/^SharedAccessSignature /i.test(token)) {
        rights.refuse({
          ...asked,
          identity: undefined,
          fault: 'key',
          reason: 'it came with a key, and no token',
        })
        return result
      }
      const proof = await authority.verify(token, audiences, now)
      const { fault, reason, oid } =
        'refused' in proof
          ? { ...proof, reason: proof.refused }
          : { fault: 'unreadable' as const, reason: refused, oid: proof.claims.oid }
      rights.refuse({ ...asked, identity: rights.identityOf(oid), fault, reason })
    }
    return result
  }
}
