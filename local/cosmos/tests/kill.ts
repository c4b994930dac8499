/** Kills the server again and again while it is written to, and tells what is missing afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CosmosClient } from '@azure/cosmos'
import { emulatorKey } from '../index.ts'

export interface KillReport {
  readonly kills: number
  /** Creates and batches of three that were answered with success. */
  readonly acknowledged: number
  /** The ids of acknowledged writes that are not there. */
  readonly lost: readonly string[]
  /** Batches that are there in part. */
  readonly torn: readonly string[]
}

const workers = 8
const parts = ['a', 'b', 'c']

/** `writes`: how many are acknowledged over all rounds, at least; each round ends with a kill in the middle of others. */
export async function killUnderLoad(options: {
  readonly folder: string
  readonly kills: number
  readonly writes: number
}): Promise<KillReport> {
  const acknowledged = new Set<string>()
  for (let round = 0; round < options.kills; round++) {
    const goal = Math.ceil((options.writes * (round + 1)) / options.kills)
    await writeAndKill(options.folder, round, goal, acknowledged)
  }
  const server = await start(options.folder)
  const items = itemsOf(server.client)
  const ids = await items.query<string>('SELECT VALUE c.id FROM c', { maxItemCount: 1000 }).fetchAll()
  server.kill()
  await server.ended
  const kept = new Set(ids.resources)
  const isWhole = (id: string) => parts.every((part) => kept.has(`${id}-${part}`))
  const batches = new Set(ids.resources.filter((id) => /-[abc]$/.test(id)).map((id) => id.slice(0, -2)))
  return {
    kills: options.kills,
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((id) => !kept.has(id) && !isWhole(id)),
    torn: [...batches].filter((id) => !isWhole(id)),
  }
}

async function writeAndKill(folder: string, round: number, goal: number, acknowledged: Set<string>) {
  const server = await start(folder)
  const items = itemsOf(server.client)
  const write = async (worker: number) => {
    for (let n = 0; !server.killed.aborted; n++) {
      const id = `${round}-${worker}-${n}`
      try {
        if (n % 2) await items.create({ id, pk: 'p' }, { abortSignal: server.killed })
        else if (!(await batchOf(items, id, server.killed))) return
      } catch {
        return
      }
      acknowledged.add(id)
      // The others are in the middle of theirs.
      if (acknowledged.size >= goal) server.kill()
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => write(worker)))
  await server.ended
}

async function batchOf(
  items: ReturnType<typeof itemsOf>,
  id: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const { code } = await items.batch(
    parts.map((part) => ({
      operationType: 'Create' as const,
      resourceBody: { id: `${id}-${part}`, pk: 'p' },
    })),
    'p',
    { abortSignal },
  )
  return code === 200
}

const itemsOf = (client: CosmosClient) => client.database('d').container('c').items

async function start(folder: string) {
  const path = fileURLToPath(new URL('process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', () => reject(new Error('The server did not start.')))
  })
  const connectionPolicy = {
    retryOptions: { maxRetryAttemptCount: 0, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 0 },
  }
  const client = new CosmosClient({ endpoint, key: emulatorKey, connectionPolicy })
  const killed = new AbortController()
  return {
    client,
    ended,
    killed: killed.signal,
    kill: () => {
      child.kill('SIGKILL')
      // The SDK would go on for seconds to look for a server.
      killed.abort()
      client.dispose()
    },
  }
}
