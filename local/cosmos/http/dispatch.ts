import { badRequest, CosmosError, notFound, notSupported } from '../errors.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import type { Container } from '../resources/container.ts'
import type { Store } from '../storage/store.ts'
import { methodNotAllowed } from './answers.ts'
import { onItem, onItems } from './items.ts'
import type { Request, Response } from './message.ts'
import { onOffers } from './offers.ts'
import {
  onContainer,
  onContainers,
  onDatabase,
  onDatabases,
  readAccount,
  readPartitionKeyRanges,
} from './resources.ts'

export interface Account {
  readonly catalogue: Catalogue
  readonly store: Store
}

const leftOut: Readonly<Record<string, string>> = {
  sprocs: 'A stored procedure',
  triggers: 'A trigger',
  udfs: 'A user-defined function',
  conflicts: 'A conflict feed',
  users: 'A user',
  permissions: 'A permission',
  attachments: 'An attachment',
  clientencryptionkeys: 'A client encryption key',
  schemas: 'A schema',
  operations: 'A delete by partition key',
}

/** Does what a request asks. @throws CosmosError, QueryError */
export function dispatch(request: Request, { catalogue, store }: Account, origin: string): Response {
  checkConsistency(request)
  const [first, database, second, name, third, id] = request.segments
  if (first === undefined) {
    if (request.method !== 'GET') throw methodNotAllowed(request)
    return readAccount(origin)
  }
  if (first === 'offers') return onOffers(request, catalogue, database)
  if (first !== 'dbs' || request.segments.length > 6) throw notFound()
  if (database === undefined) return onDatabases(request, catalogue)
  if (second === undefined) return onDatabase(request, catalogue, database)
  if (second !== 'colls') throw unknown(second)
  if (name === undefined) return onContainers(request, catalogue, database)
  if (third === undefined) return onContainer(request, catalogue, database, name)
  const container = catalogue.ownerContainer(database, name)
  if (third === 'pkranges') return readPartitionKeyRanges(request, container)
  if (third !== 'docs') throw unknown(third)
  return withContainer(request, container, () =>
    id === undefined ? onItems(request, container, store) : onItem(request, container, store, id),
  )
}

/** What every request to a container's documents has in common: throughput, expiry, sessions. */
function withContainer(request: Request, container: Container, work: () => Response): Response {
  container.throughput?.check(Date.now())
  container.documents.purge()
  const token = request.headers['x-ms-session-token']
  if (token && container.isBehind(token))
    throw new CosmosError(404, 'The read session is not available for the input session token.', {
      substatus: 1002,
    })
  try {
    const response = work()
    container.throughput?.spend(response.charge)
    return { ...response, headers: { ...response.headers, ...sessionHeaders(request, container) } }
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error
    container.throughput?.spend(error.charge)
    const headers = { ...error.headers, ...sessionHeaders(request, container) }
    const { status, message, substatus, charge } = error
    throw new CosmosError(status, message, { headers, charge, ...(substatus !== undefined && { substatus }) })
  }
}

function sessionHeaders({ segments }: Request, container: Container): Record<string, string> {
  return {
    'x-ms-session-token': container.sessionToken,
    lsn: String(container.table.lsn),
    'x-ms-alt-content-path': encodeURI(segments.slice(0, 4).join('/')),
    'x-ms-content-path': container.resource._rid,
  }
}

function checkConsistency({ headers }: Request): void {
  const level = headers['x-ms-consistency-level']
  if (level === undefined || /^(session|consistentprefix|eventual)$/i.test(level)) return
  throw badRequest(
    `ConsistencyLevel ${level} specified in the request is invalid when service is configured with consistency level Session. Ensure the request consistency level is not stronger than the service consistency level.`,
  )
}

const unknown = (name: string) => (leftOut[name] ? notSupported(leftOut[name]) : notFound())
