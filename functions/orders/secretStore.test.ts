/** The secret of the order ids: one for all instances, whoever makes it. */
import { beforeEach, expect, test, vi } from 'vitest'

const documents = new Map<string, { id: string; value: string }>()
const faults = { create: undefined as unknown, read: [] as (undefined | null)[] }
const used: string[] = []
vi.mock('../platform/cosmos.ts', () => ({
  container: async (name: string) => {
    used.push(name)
    return {
      item: (id: string, partition: string) => ({
        read: async () => {
          if (id !== partition) throw new Error('another partition')
          return { resource: faults.read.length ? faults.read.shift() : documents.get(id) }
        },
      }),
      items: {
        create: async (document: { id: string; value: string }) => {
          if (faults.create) throw faults.create
          documents.set(document.id, document)
        },
      },
    }
  },
  onCosmos: async (work: (options: object) => Promise<unknown>) => work({}),
}))
beforeEach(() => {
  documents.clear()
  faults.create = undefined
  faults.read = []
  used.length = 0
})

/** The secret as a fresh process has it. */
async function secret(): Promise<string> {
  vi.resetModules()
  return (await import('./secretStore.ts')).orderIdSecret()
}

test('is made once, of 32 random bytes, and then read', async () => {
  const made = await secret()
  expect(Buffer.from(made, 'base64')).toHaveLength(32)
  expect(await secret()).toBe(made)
  expect(documents.get('order-id')).toEqual({ id: 'order-id', value: made })
  expect(used).toEqual(['secrets', 'secrets'])
  documents.clear()
  expect(await secret()).not.toBe(made)
})

test('is that of another instance which was faster', async () => {
  documents.set('order-id', { id: 'order-id', value: 'theirs' })
  faults.read = [undefined]
  faults.create = { code: 409 }
  expect(await secret()).toBe('theirs')
})

test('is told of as missing, and no other is taken, where it cannot be stored or read', async () => {
  faults.create = { code: 409 }
  await expect(secret()).rejects.toThrow('The secret of the order ids vanished')
  faults.create = { code: 503 }
  documents.clear()
  await expect(secret()).rejects.toEqual({ code: 503 })
})
