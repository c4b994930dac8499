/**
 * The program of the local Cosmos DB: an in-memory server over plain HTTP with the store's database and containers.
 * `node local/cosmos.ts PORT DATABASE` (port 0: any free one).
 */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createHttpServer } from '@vercel/cosmosdb-server'

const [port, database] = process.argv.slice(2)
const { containers } = JSON.parse(
  await readFile(new URL('../infra/cosmos.json', import.meta.url), 'utf8'),
) as { containers: { id: string }[] }

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
  for (const container of containers) await create(`${address}/dbs/${database}/colls`, container)
  console.log(`Cosmos DB is ready on ${address}`)
})

async function create(url: string, resource: unknown) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(resource) })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
}
