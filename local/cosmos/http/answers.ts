/** Answers in the forms of the service: one resource, a list in pages, the answer to a query over a short list. */
import { charges } from '../charges/charges.ts'
import { badRequest, CosmosError } from '../errors.ts'
import { type Document, runQuery, type Source } from '../query/index.ts'
import { isTrue, maxItemCountOf, querySpecOf, type Request, type Response } from './message.ts'

export const isQuery = ({ headers }: Request): boolean =>
  isTrue(headers['x-ms-documentdb-isquery']) ||
  isTrue(headers['x-ms-documentdb-query']) ||
  (headers['content-type'] ?? '').startsWith('application/query+json')

export const methodNotAllowed = ({ method, segments }: Request) =>
  new CosmosError(405, `The method ${method} is not for /${segments.join('/')}.`)

export const ok = (resource: object): Response => ({
  status: 200,
  body: JSON.stringify(resource),
  charge: charges.resource,
})

export const made = (resource: object & { _etag: unknown }): Response => ({
  ...ok(resource),
  status: 201,
  headers: { etag: String(resource._etag) },
})

export function list(name: string, rid: string, all: readonly object[], request: Request): Response {
  const size = maxItemCountOf(request) ?? 100
  const from = Number(request.headers['x-ms-continuation'] ?? 0)
  if (!Number.isSafeInteger(from) || from < 0) throw badRequest('Invalid Continuation Token')
  const end = size > 0 ? from + size : all.length
  return feed(name, rid, all.slice(from, end), end < all.length ? String(end) : undefined)
}

export function query(name: string, rid: string, all: readonly object[], request: Request): Response {
  const spec = querySpecOf(request)
  const continuation = request.headers['x-ms-continuation']
  const maxItemCount = maxItemCountOf(request)
  const page = runQuery(spec, listSource(all), {
    ...(maxItemCount !== undefined && { maxItemCount }),
    ...(continuation !== undefined && { continuation }),
  })
  return feed(name, rid, page.results, page.continuation)
}

function feed(name: string, _rid: string, entries: readonly unknown[], continuation?: string): Response {
  return {
    ...ok({ _rid, [name]: entries, _count: entries.length }),
    headers: {
      'x-ms-item-count': String(entries.length),
      ...(continuation !== undefined && { 'x-ms-continuation': continuation }),
    },
  }
}

/** A short list for a query to read. */
function listSource(all: readonly object[]): Source {
  const rows = all.map((one, rid) => ({
    document: one as Document,
    position: { key: new Uint8Array(), rid },
    bytes: 0,
  }))
  return {
    compositeIndexes: [],
    indexOf: () => undefined,
    count: (limit) => Math.min(limit, rows.length),
    scan: ({ reverse, after }) => {
      const ordered = reverse ? rows.toReversed() : rows
      return after
        ? ordered.filter(({ position: { rid } }) => (reverse ? rid < after.rid : rid > after.rid))
        : ordered
    },
  }
}
