/** The AI service through the Functions host: streaming, hanging up, pictures, with the stand-in for the models. */
import { createAdminClient } from '@store/contract/admin-client'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import type { FailureKind } from '../../local/openai/failures.ts'
import type { Call } from '../../local/openai/index.ts'
import { principalHeader } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { until } from '../harness/until.ts'

const product = { name: 'Anchor', tags: ['rope', 'dog'] }
let cloud: LocalCloud
let employee: ReturnType<typeof createAdminClient>
let before = 0

beforeAll(async () => {
  // Without Service Bus and database: the AI service needs neither. And no call times out before a test has failed.
  cloud = await ownCloud({
    parts: ['host', 'blob', 'openai'],
    settings: { ROLES: 'admin', AI_TIMEOUT_SECONDS: '200' },
  })
  employee = createAdminClient({
    baseUrl: cloud.urls.api,
    headers: { 'x-ms-client-principal': principalHeader(['admin']) },
  })
})
beforeEach(async () => {
  before = (await modelCalls()).length
})

const modelCalls = async () => (await fetch(`${cloud.urls.openai}/stand-in/calls`)).json() as Promise<Call[]>

/** How the first call of this test to the models ended, if it has. */
const outcome = async () => (await modelCalls())[before]?.outcome

const failNext = (kind: FailureKind) =>
  fetch(`${cloud.urls.openai}/stand-in/failures`, { method: 'POST', body: JSON.stringify({ kind }) })

test('a description comes piece by piece, while it is written', async () => {
  const outcomes: (string | undefined)[] = []
  const pieces: string[] = []
  const asked: Promise<void>[] = []
  const text = await employee.ai.describe(product, (delta) => {
    pieces.push(delta)
    if (pieces.length === 2) asked.push(outcome().then((how) => void outcomes.push(how)))
  })
  await Promise.all(asked)
  expect(outcomes).toEqual(['open'])
  expect(pieces.join('')).toBe(text)
  await until('the call is over', async () => (await outcome()) === 'answered')
})

test('hanging up in the middle of it ends the call to the model', async () => {
  await failNext('stall')
  const form = new AbortController()
  const describing = employee.ai.describe(product, () => form.abort(), { signal: form.signal })
  await expect(describing).rejects.toThrow(/abort/i)
  await until('the call to the model is cancelled', async () => (await outcome()) === 'cancelled')
})

test.each(['generate/description', 'generate/image'])(
  'hanging up before %s has answered does too',
  async (route) => {
    await failNext('hang')
    const form = new AbortController()
    const asking = fetch(`${cloud.urls.api}/api/ai/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-ms-client-principal': principalHeader(['admin']) },
      body: JSON.stringify({ ...product, description: 'Holds.' }),
      signal: form.signal,
    })
    await until('the model is called', async () => (await outcome()) === 'open')
    form.abort()
    await expect(asking).rejects.toThrow(/abort/i)
    await until('the call to the model is cancelled', async () => (await outcome()) === 'cancelled')
  },
)

test('a failure after the first piece ends the stream with its problem', async () => {
  await failNext('refuse-midway')
  const pieces: string[] = []
  const describing = employee.ai.describe(product, (delta) => void pieces.push(delta))
  await expect(describing).rejects.toMatchObject({ problem: { status: 422 } })
  expect(pieces.length).toBeGreaterThan(0)
})

test('a picture is at the address that is answered', async () => {
  const { image } = await employee.ai.image({ name: 'Anchor', description: 'Holds.' })
  const picture = await fetch(`${cloud.urls.api}${image}`)
  expect(picture.headers.get('content-type')).toBe('image/png')
  expect(
    Buffer.from(await picture.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')
})

test('what the app can do is known', async () => {
  expect(await employee.ai.capabilities()).toEqual(['description', 'image'])
  expect((await employee.ai.health()).capabilities).toEqual(['description', 'image'])
})
