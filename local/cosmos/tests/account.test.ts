import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emulatorKey, startCosmos } from '../index.ts'
import { refusalOf, serve } from './client.ts'

// Expectations: `OfferDefinition` and the other types of @azure/cosmos, "Provision autoscale throughput" on Microsoft Learn.

const server = serve()

describe('an account', () => {
  it('tells where it is read and written', async () => {
    const { client, cosmos } = server
    const here = `${cosmos.endpoint}/`
    expect([await client.getWriteEndpoint(), await client.getReadEndpoint()]).toEqual([here, here])
    expect([await client.getWriteEndpoints(), await client.getReadEndpoints()]).toEqual([[here], [here]])
    expect((await client.getDatabaseAccount()).resource?.consistencyPolicy).toBe('Session')
  })
})

describe('throughput', () => {
  const offerOf = async (definition: object) => {
    const container = await server.container(definition)
    const { resource, offer } = await container.readOffer()
    if (!resource?.content || !offer) throw new Error('no offer')
    return { container, offer, resource, content: resource.content }
  }

  it('that scales by itself tells its most, and begins at a tenth of it', async () => {
    const { content } = await offerOf({ maxThroughput: 4000 })
    expect(content).toMatchObject({ offerThroughput: 400, offerAutopilotSettings: { maxThroughput: 4000 } })
    expect((await offerOf({ throughput: 500 })).content.offerAutopilotSettings).toBeUndefined()
  })

  it('of a container that was made without is not there', async () => {
    expect((await (await server.container()).readOffer()).resource).toBeUndefined()
  })

  it('is listed, queried and read, for each container its own', async () => {
    const made = []
    for (const throughput of [600, 700, 800, 900]) made.push(await offerOf({ throughput }))
    const { offers } = server.client
    const all = (await offers.readAll().fetchAll()).resources
    for (const { container, resource, content } of made) {
      const { _rid } = (await container.read()).resource as { _rid: string }
      expect(all.find(({ id }) => id === resource.id)).toMatchObject({ offerResourceId: _rid, content })
      const query = {
        query: 'SELECT * FROM root r WHERE r.offerResourceId = @rid',
        parameters: [{ name: '@rid', value: _rid }],
      }
      expect((await offers.query(query).fetchAll()).resources).toMatchObject([{ content }])
      expect((await server.client.offer(resource.id as string).read()).resource).toMatchObject({ content })
    }
  })

  it('is changed, within its kind', async () => {
    const fixed = await offerOf({ throughput: 500 })
    const change = (one: typeof fixed, content: object) =>
      one.offer.replace({ ...one.resource, content: { ...one.content, ...content } })
    expect((await change(fixed, { offerThroughput: 700 })).resource?.content?.offerThroughput).toBe(700)
    expect((await fixed.container.readOffer()).resource?.content?.offerThroughput).toBe(700)
    const scaling = await offerOf({ maxThroughput: 4000 })
    await change(scaling, { offerAutopilotSettings: { maxThroughput: 10_000 } })
    expect((await scaling.container.readOffer()).resource?.content).toMatchObject({
      offerThroughput: 1000,
      offerAutopilotSettings: { maxThroughput: 10_000 },
    })
    expect((await refusalOf(change(fixed, { offerThroughput: 401 }))).code).toBe(400)
    const other = change(fixed, { offerAutopilotSettings: { maxThroughput: 4000 } })
    expect((await refusalOf(other)).message).toContain('scales by itself is not supported')
  })

  it('outlives the server, with its kind', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cosmos-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    const run = async <T>(work: (client: CosmosClient) => Promise<T>): Promise<T> => {
      const cosmos = await startCosmos({ port: 0, dataDir, databases: [{ id: 'kept' }] })
      const client = new CosmosClient({ endpoint: cosmos.endpoint, key: emulatorKey })
      try {
        return await work(client)
      } finally {
        client.dispose()
        await cosmos.close()
      }
    }
    await run((client) =>
      client.database('kept').containers.create({ id: 'c', partitionKey: '/pk', maxThroughput: 2000 }),
    )
    const read = await run((client) => client.database('kept').container('c').readOffer())
    expect(read.resource?.content?.offerAutopilotSettings?.maxThroughput).toBe(2000)
  })
})
