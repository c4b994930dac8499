/** The broker and the Cosmos DB server under the template's role assignments, each through its own `Access`. */
import type { Access as CosmosAccess } from '../cosmos/access/access.ts'
import { entraAccess as cosmosEntra } from '../cosmos/access/entra.ts'
import type { Access as BrokerAccess, Right } from '../service-bus/access.ts'
import { entraAccess as brokerEntra } from '../service-bus/entra.ts'
import type { Authority, Claims } from './authority.ts'
import type { Deployment } from './deployment.ts'
import type { Rights } from './rights.ts'

/** What a right to a queue is called among data actions. Azure has no name for `Manage`: only the owner's `*` covers it. */
const brokerActions: Record<Right, string> = {
  Listen: 'Microsoft.ServiceBus/namespaces/messages/receive/action',
  Send: 'Microsoft.ServiceBus/namespaces/messages/send/action',
  Manage: 'Microsoft.ServiceBus/namespaces/queues/manage',
}

export function brokerAccess(
  { id, queues }: Deployment['serviceBus'],
  authority: Authority,
  rights: Rights,
): BrokerAccess {
  const { keys, issuer } = authority
  const access = brokerEntra({
    keys: keys as never,
    issuer,
    isAllowed: (claims, entity, right) => {
      const queue = queueOf(entity)
      const resource = `${id}/queues/${queue}`
      const action = brokerActions[right]
      const there = queues.map(({ Name }) => Name)
      const isThere = there.some((name) => name.toLowerCase() === queue.toLowerCase())
      return rights.allows(claims as Claims, action, resource, isThere ? {} : missing(queue, there))
    },
  })
  return {
    allows: access.allows,
    authorize: told(access.authorize, authority, rights, id, 'https://servicebus.azure.net'),
  }
}

const missing = (name: string, others: readonly string[]) => ({
  missing: `there is no ${name}; the template has ${others.join(', ')}`,
})

/** `orders/$DeadLetterQueue`, `orders/$management`: `orders`. */
const queueOf = (entity: string) =>
  entity
    .replace(/^[a-z]+:\/\/[^/]+/i, '')
    .replace(/^\/+/, '')
    .split('/', 1)
    .join()

export function cosmosAccess(
  { id, host, database, containers }: Deployment['cosmos'],
  authority: Authority,
  rights: Rights,
): CosmosAccess {
  const { keys, issuer } = authority
  const audience = ['https://cosmos.azure.com', `https://${host}`]
  const access = cosmosEntra(
    {
      keys: keys as never,
      issuer,
      audience: audience.flatMap((one) => [one, `${one}/`]),
      isAllowed: (claims, action, scope) => {
        const resource = `${id}${scope === '/' ? '' : (scope ?? '')}`
        const there = [
          '',
          '/',
          `/dbs/${database}`,
          ...containers.map((one) => `/dbs/${database}/colls/${one.id}`),
        ]
        return rights.allows(claims as Claims, action, resource, {
          anywhere: scope === undefined,
          ...(!there.includes(scope ?? '') && missing(scope ?? '', there.slice(3))),
        })
      },
    },
    () => `https://${host}`,
  )
  return { allows: access.allows, authorize: told(access.authorize, authority, rights, id, ...audience) }
}

/** The same check, of which every refusal is written down, with a reason that says what to do. */
function told<T>(
  authorize: (token: string, now: number) => T | Promise<T>,
  authority: Authority,
  rights: Rights,
  resource: string,
  ...audiences: string[]
) {
  return async (token: string, now: number): Promise<T> => {
    const result = await authorize(token, now)
    if ((result as { refused?: string }).refused !== undefined) {
      const proof = await authority.verify(token, audiences)
      const reason = 'refused' in proof ? proof.refused : String((result as { refused?: string }).refused)
      const oid = 'refused' in proof ? proof.oid : proof.claims.oid
      const identity = rights.identityOf(oid)
      rights.refuse({ identity, action: 'to sign in', resource, reason })
    }
    return result
  }
}
