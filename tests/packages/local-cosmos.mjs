// Runs in an empty folder into which the package was installed.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { startCosmos } from 'local-cosmos'

const dataDir = await mkdtemp(join(tmpdir(), 'installed-cosmos-'))
const databases = [{ id: 'store', containers: [{ id: 'orders', partitionKey: { paths: ['/id'] } }] }]

async function withOrders(use) {
  const cosmos = await startCosmos({ port: 0, dataDir, databases })
  const client = new CosmosClient(cosmos.connectionString)
  try {
    await use(client.database('store').container('orders'))
  } finally {
    client.dispose()
    await cosmos.close()
  }
}

try {
  await withOrders((orders) => orders.items.create({ id: 'kept', total: 3 }))
  await withOrders(async (orders) => {
    assert.equal((await orders.item('kept', 'kept').read()).resource.total, 3)
    const query = 'SELECT VALUE c.total * 2 FROM c WHERE c.total > 1 ORDER BY c.total'
    assert.deepEqual((await orders.items.query(query).fetchAll()).resources, [6])
  })
} finally {
  await rm(dataDir, { recursive: true, force: true })
}
