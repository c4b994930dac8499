/**
 * The program of the local Cosmos DB: an in-memory server over plain HTTP with the store's database and containers.
 * `node local/cosmos.ts PORT DATABASE`.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createHttpServer } from '@vercel/cosmosdb-server'

const [port, database] = process.argv.slice(2)
const { containers } = JSON.parse(
  await readFile(new URL('../infra/cosmos.json', import.meta.url), 'utf8'),
) as { containers: Container[] }

interface Container {
  id: string
  indexingPolicy: { compositeIndexes?: { path: string; order: 'ascending' | 'descending' }[][] }
}

// To test the condition of a patch the server looks through all documents for the one that the patch is about: with
// ten thousand orders that is all it would be doing. Where the id is the partition key, too, the document is at hand.
const { default: Documents } = createRequire(import.meta.url)(
  '@vercel/cosmosdb-server/lib/account/documents.js',
) as { default: { prototype: Documents } }
const { query } = Documents.prototype
Documents.prototype.query = function (this: Documents, parameters, options) {
  const id = parameters.parameters?.find(({ name }) => name === '@id')?.value
  const ofPatch = parameters.query.startsWith('SELECT * FROM c WHERE c.id = @id AND (')
  const item = ofPatch ? this._item('/id', id, id) : undefined
  const among = item?.read() ? Object.create(this, { _data: { value: new Map([[id, item]]) } }) : this
  return query.call(among, parameters, options)
}

// The code that the server makes of FROM copies an array for every document: a query of 10,000 takes 0.2 s, one of 20,000
// takes 11 s, and everything else waits. The same documents, gathered without copies, take milliseconds.
const { _getQuery } = Documents.prototype
Documents.prototype._getQuery = function (this: Documents, text) {
  const compiled = _getQuery.call(this, text)
  compiled._code = compiled.code.replace(
    /\$c\.reduce\(\(\$, (\w+)\) => typeof \1 !== "undefined" \? \[\.\.\.\$, (\{\s*\w+: \1\s*\})\] : \$, \[\]\)/,
    '$$c.map($1 => ($2))',
  )
  return compiled
}

/** The documents of a container, as far as this file knows the inside of the server. */
interface Documents {
  query(
    parameters: { query: string; parameters?: { name: string; value: unknown }[] },
    options: object,
  ): unknown
  _getQuery(text: string): { readonly code: string; _code: string }
  _item(path: string, value: unknown, partition: unknown): { read(): unknown }
}

const server = createHttpServer({ keepAlive: true })

// The account tells clients to go on by https, where nothing listens, and around any proxy before it: answer with the
// address that the client came by.
server.prependListener('request', (request, response) => {
  if (request.method !== 'GET' || request.url !== '/') return
  const end = response.end.bind(response) as (body: string) => typeof response
  response.end = ((body: string) =>
    end(body.replaceAll(/https:\/\/[^/"]+/g, `http://${request.headers.host}`))) as typeof response.end
})

server.listen(Number(port), '127.0.0.1', async () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await create(`${address}/dbs`, { id: database })
  for (const container of containers)
    await create(`${address}/dbs/${database}/colls`, readBothWays(container))
  console.log(`Cosmos DB is ready on ${address}`)
})

/** Cosmos DB reads a composite index backwards too; this server wants the opposite order as an index of its own. */
function readBothWays({ indexingPolicy, ...container }: Container): Container {
  const { compositeIndexes = [] } = indexingPolicy
  const opposite = { ascending: 'descending', descending: 'ascending' } as const
  const backwards = compositeIndexes.map((index) =>
    index.map(({ path, order }) => ({ path, order: opposite[order] })),
  )
  return {
    ...container,
    indexingPolicy: { ...indexingPolicy, compositeIndexes: [...compositeIndexes, ...backwards] },
  }
}

async function create(url: string, resource: unknown) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(resource) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
}
