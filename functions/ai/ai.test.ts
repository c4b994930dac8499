/** The routes of the AI service with the real SDK, over HTTP to the stand-in for the models. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpHandler, HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import type { FailureKind } from '../../local/openai/failures.ts'
import { type StandIn, startStandIn } from '../../local/openai/index.ts'

vi.setConfig({ testTimeout: 30_000 })

const base = {
  AUTH: 'swa',
  CosmosConnection: 'AccountEndpoint=http://localhost:1/;AccountKey=a2V5',
  ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
}
/** Storage that nothing listens at. */
const nowhere =
  'DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;'
const product = { name: "Salty Sailor's Squeaky Squid", tags: ['squid', 'squeaky'] }
const log: string[] = []
let models: StandIn

beforeEach(async () => {
  models = await startStandIn({ models: ['phi', 'llama'] })
  log.length = 0
  for (const method of ['log', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => void log.push(args.map(shown).join(' ')))
  }
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await models.close()
})

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** The settings of each provider, with the stand-in in its place. */
const providers: Record<string, () => Record<string, string>> = {
  'Azure OpenAI with a key': () => ({
    USE_AZURE_OPENAI: 'True',
    AZURE_OPENAI_ENDPOINT: `${models.url}/`,
    AZURE_OPENAI_API_KEY: 'azure-key',
    AZURE_OPENAI_API_VERSION: '2024-10-21',
    AZURE_OPENAI_DEPLOYMENT_NAME: 'writer',
    AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: 'painter',
    AZURE_OPENAI_IMAGE_API_VERSION: '2025-04-01-preview',
  }),
  'Azure OpenAI without dated versions': () => ({
    USE_AZURE_OPENAI: 'true',
    AZURE_OPENAI_ENDPOINT: models.url,
    AZURE_OPENAI_API_KEY: 'azure-key',
    AZURE_OPENAI_DEPLOYMENT_NAME: 'writer',
  }),
  OpenAI: () => ({
    OPENAI_API_KEY: 'openai-key',
    OPENAI_ORG_ID: 'org-1',
    OPENAI_BASE_URL: `${models.url}/v1`,
  }),
  'a local server': () => ({ USE_LOCAL_LLM: 'true', LOCAL_LLM_ENDPOINT: models.url }),
}

/** The handlers of an app that starts with these settings. */
async function app(settings: Record<string, string>) {
  vi.resetModules()
  for (const [name, value] of Object.entries({ ...base, ...settings })) vi.stubEnv(name, value)
  return import('./ai.functions.ts')
}

const principal = (userId: string, roles = ['authenticated', 'admin']) =>
  Buffer.from(JSON.stringify({ userId, userRoles: roles })).toString('base64')

function call(
  handler: HttpHandler,
  body: unknown,
  { accept = 'application/json', user = 'u1', roles = ['admin'] } = {},
): Promise<HttpResponseInit> {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/api/ai',
    body: { string: JSON.stringify(body) },
    headers: {
      'content-type': 'application/json',
      accept,
      'x-ms-client-principal': principal(user, roles),
    },
  })
  const context = new InvocationContext({
    functionName: 'f',
    invocationId: crypto.randomUUID(),
    logHandler: (_level, ...args) => void log.push(args.map(shown).join(' ')),
  })
  return handler(request, context) as Promise<HttpResponseInit>
}

/** The status, headers and text of an answer, read as a client reads them. */
async function read(answer: HttpResponseInit) {
  const { jsonBody, body, status = 200, headers } = answer
  const response = new Response(jsonBody ? JSON.stringify(jsonBody) : (body as string), {
    status,
    headers: headers as Record<string, string>,
  })
  return { status, headers: response.headers, text: await response.text() }
}

async function describeProduct(settings: Record<string, string>, body: unknown = product) {
  const { generateDescription } = await app(settings)
  const { text, ...rest } = await read(await call(generateDescription, body))
  return { ...rest, json: JSON.parse(text) }
}

describe.each(Object.entries(providers))('with %s', (name, settings) => {
  test('writes a description', async () => {
    const { status, json } = await describeProduct(settings())
    expect(status).toBe(200)
    expect(json.description).toMatch(/^Stand-in text, written without any model: .+\.$/)
    expect(models.calls.at(-1)).toMatchObject(
      {
        'Azure OpenAI with a key': {
          path: '/openai/deployments/writer/chat/completions',
          query: { 'api-version': '2024-10-21' },
          headers: { 'api-key': 'azure-key' },
        },
        'Azure OpenAI without dated versions': {
          path: '/openai/v1/chat/completions',
          body: { model: 'writer' },
          headers: { authorization: 'Bearer azure-key' },
        },
        OpenAI: {
          path: '/v1/chat/completions',
          body: { model: 'gpt-5.4-mini' },
          headers: { authorization: 'Bearer openai-key', 'openai-organization': 'org-1' },
        },
        'a local server': { path: '/v1/chat/completions', body: { model: 'phi' } },
      }[name] as object,
    )
  })

  test('streams it as it is written', async () => {
    const { generateDescription } = await app(settings())
    const { headers, text } = await read(
      await call(generateDescription, product, { accept: 'text/event-stream' }),
    )
    expect(headers.get('content-type')).toBe('text/event-stream')
    const events = text.trim().split('\n\n')
    const deltas = events.slice(0, -1).map((event) => JSON.parse(event.replace('data: ', '')).delta)
    expect(deltas.length).toBeGreaterThan(10)
    expect(events.at(-1)).toBe(
      `event: done\ndata: ${JSON.stringify({ description: deltas.join('').trim() })}`,
    )
  })

  test('says what it can', async () => {
    const { aiHealth } = await app(settings())
    const { status, text } = await read(await call(aiHealth, {}))
    const image = name === 'Azure OpenAI with a key' || name === 'OpenAI'
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      status: 'ok',
      version: '0.1.0',
      capabilities: image ? ['description', 'image'] : ['description'],
    })
  })
})

describe('with the identity of the app', () => {
  let tokens: Server
  const asked: URL[] = []
  let broken = false

  // One for all tests: the SDK keeps the address that it found first for all of the process.
  beforeAll(async () => {
    // The token endpoint that Azure Functions gives an app with a managed identity.
    tokens = createServer((request, response) => {
      asked.push(new URL(request.url ?? '', 'http://tokens'))
      const now = Math.floor(Date.now() / 1000)
      const body = { access_token: 'token-1', expires_on: String(now + 86_400), token_type: 'Bearer' }
      response
        .writeHead(broken ? 400 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(broken ? { error: 'invalid_request' } : body))
    })
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void tokens.close())
  beforeEach(() => {
    broken = false
    vi.stubEnv('IDENTITY_ENDPOINT', `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/msi/token`)
    vi.stubEnv('IDENTITY_HEADER', 'secret')
  })

  const withIdentity = () => ({
    USE_AZURE_OPENAI: 'true',
    USE_AZURE_AD: 'true',
    AZURE_OPENAI_ENDPOINT: models.url,
    AZURE_OPENAI_API_VERSION: '2024-10-21',
    AZURE_OPENAI_DEPLOYMENT_NAME: 'writer',
  })

  // The first, for a token that was once given is kept for all of the process.
  test('answers 503 when there is no token', async () => {
    broken = true
    const { status, json } = await describeProduct(withIdentity())
    expect(status).toBe(503)
    expect(json.detail).toMatch(/identity/)
    expect(models.calls).toEqual([])
  })

  test('signs each call with a token for Azure OpenAI, asked for once', async () => {
    asked.length = 0
    const { generateDescription } = await app(withIdentity())
    for (const _ of [1, 2]) expect((await read(await call(generateDescription, product))).status).toBe(200)
    expect(models.calls.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
    ])
    expect(asked.map(({ searchParams }) => searchParams.get('resource'))).toEqual([
      'https://cognitiveservices.azure.com',
    ])
  })

  test('takes the API without dated versions too', async () => {
    const { AZURE_OPENAI_API_VERSION: _, ...settings } = withIdentity()
    expect((await describeProduct(settings)).status).toBe(200)
    expect(models.calls[0]).toMatchObject({
      path: '/openai/v1/chat/completions',
      headers: { authorization: 'Bearer token-1' },
    })
  })
})

describe('a local server', () => {
  test('is asked for the model that the settings name', async () => {
    await describeProduct({ ...providers['a local server']?.(), LOCAL_LLM_MODEL: 'llama' })
    expect(models.calls.at(-1)).toMatchObject({ body: { model: 'llama' } })
  })

  test('that does not have it is a 502 that names the setting', async () => {
    const { status, json } = await describeProduct({
      ...providers['a local server']?.(),
      LOCAL_LLM_MODEL: 'mistral',
    })
    expect({ status, detail: json.detail }).toEqual({
      status: 502,
      detail: expect.stringMatching(/LOCAL_LLM_MODEL/),
    })
  })
})

/** OpenAI's settings; what hangs for `seconds` has failed. */
const openAi = (seconds = 30) => ({
  OPENAI_API_KEY: 'k',
  OPENAI_BASE_URL: `${models.url}/v1`,
  AI_TIMEOUT_SECONDS: String(seconds),
})

describe('when the provider fails', () => {
  test.each<[FailureKind, number, number]>([
    // The failure, the status that comes of it, and how often the provider was asked.
    ['rate-limit', 503, 3],
    ['server-error', 502, 3],
    ['overloaded', 502, 3],
    ['hang-up', 503, 3],
    ['hang', 504, 2],
    ['stall', 504, 1],
    ['break-off', 503, 1],
    ['unauthorized', 502, 1],
    ['no-model', 502, 1],
    ['bad-request', 502, 1],
    ['empty', 502, 1],
    ['refuse', 422, 1],
    ['refuse-midway', 422, 1],
    ['decline', 422, 1],
  ])('%s becomes %d after %d calls', async (kind, expected, calls) => {
    models.fail({ kind, times: 9, retryAfter: kind === 'rate-limit' ? 1 : 0 })
    const hangs = kind === 'hang' || kind === 'stall'
    const { status, json, headers } = await describeProduct(openAi(hangs ? 2 : 30))
    expect(status).toBe(expected)
    expect(json).toMatchObject({ status: expected, detail: expect.stringMatching(/^The AI provider/) })
    expect(models.calls.length).toBe(calls)
    if (expected > 502) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test.each<FailureKind>(['rate-limit', 'server-error', 'hang-up', 'hang'])(
    '%s once is not noticed',
    async (kind) => {
      models.fail({ kind, times: 1 })
      expect((await describeProduct(openAi(kind === 'hang' ? 6 : 30))).status).toBe(200)
      expect(models.calls.length).toBe(2)
    },
  )

  test.each([59, 600])(
    'that asks to wait %d s, the answer is at once that it is busy',
    async (retryAfter) => {
      models.fail({ kind: 'rate-limit', times: 9, retryAfter })
      const { status, headers } = await describeProduct(openAi(15))
      expect({ status, calls: models.calls.length }).toEqual({ status: 503, calls: 1 })
      expect(headers.get('retry-after')).toBe(String(Math.min(retryAfter, 120)))
    },
  )

  test('out of reach becomes 503', async () => {
    const settings = openAi()
    await models.close()
    expect((await describeProduct(settings)).status).toBe(503)
  })

  test('in the middle of a stream, the stream ends with an event that says so', async () => {
    models.fail({ kind: 'refuse-midway', times: 1 })
    const { generateDescription } = await app(openAi())
    const { status, text } = await read(
      await call(generateDescription, product, { accept: 'text/event-stream' }),
    )
    expect(status).toBe(200)
    const last = text.trim().split('\n\n').at(-1) ?? ''
    expect(last).toMatch(/^event: error\ndata: /)
    expect(JSON.parse(last.replace(/^.*\ndata: /, ''))).toMatchObject({
      status: 422,
      title: expect.any(String),
    })
  })

  test('before the first piece of a stream, the answer has a status of its own', async () => {
    models.fail({ kind: 'refuse', times: 1 })
    const { generateDescription } = await app(openAi())
    const { status } = await read(await call(generateDescription, product, { accept: 'text/event-stream' }))
    expect(status).toBe(422)
  })
})

test('a client that cancels the answer cancels the call', async () => {
  models.fail({ kind: 'stall', times: 1 })
  const { generateDescription } = await app(openAi())
  const { body } = await call(generateDescription, product, { accept: 'text/event-stream' })
  await (body as unknown as ReadableStream).cancel()
  await vi.waitFor(() => expect(models.calls[0]?.outcome).toBe('cancelled'), { timeout: 10_000 })
})

test('what a model writes against the rules is put right, and one that goes on is stopped', async () => {
  models.fail({ kind: 'unruly', times: 1 })
  const unruly = (await describeProduct(openAi())).json.description
  expect(unruly).toMatch(/^Stand-in text/)
  expect(unruly).not.toMatch(/Salty Sailor|#|Tags|squid, squeaky|\*|"/i)

  models.fail({ kind: 'endless', times: 1 })
  const endless = (await describeProduct(openAi())).json.description
  expect(endless.length).toBeLessThanOrEqual(600)
  expect(endless).toMatch(/\.$/)
  await vi.waitFor(() => expect(models.calls.at(-1)?.outcome).toBe('cancelled'), { timeout: 10_000 })
})

describe('the limit', () => {
  test('of a user, then of all, is answered with 429 and when there is room again', async () => {
    const { generateDescription } = await app({
      ...openAi(),
      AI_CALLS_PER_MINUTE_PER_USER: '2',
      AI_CALLS_PER_MINUTE: '3',
    })
    const answers = []
    for (const user of ['ann', 'ann', 'ann', 'bob', 'cid']) {
      answers.push(await read(await call(generateDescription, product, { user })))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200, 429])
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(models.calls.length).toBe(3)
  })

  test('does not count what is refused for its form', async () => {
    const { generateDescription } = await app({ ...openAi(), AI_CALLS_PER_MINUTE_PER_USER: '1' })
    const statuses = []
    for (const body of [{}, { name: ' ', tags: [] }, { name: 'x'.repeat(201), tags: [] }, product, product]) {
      statuses.push((await read(await call(generateDescription, body))).status)
    }
    expect(statuses).toEqual([400, 400, 400, 200, 429])
  })
})

describe('a picture', () => {
  let storage: LocalCloud

  beforeAll(async () => {
    storage = await startLocalCloud({ parts: ['blob'] })
  }, 60_000)
  afterAll(() => storage.stop())

  const rope = { name: 'Rope', description: 'Two ends, one winner.' }
  const withStorage = () => ({ ...openAi(), AzureWebJobsStorage: storage.settings.AzureWebJobsStorage ?? '' })

  /** What comes of asking for a picture, in words and in bytes. */
  async function draw(settings: Record<string, string>, body: object = rope) {
    const { generateImage } = await app(settings)
    const { status, text } = await read(await call(generateImage, body))
    const json = JSON.parse(text)
    const name = /^\/api\/products\/images\/([0-9a-f]{64}\.png)$/.exec(json.image)?.[1]
    const stored = name && (await pictures().getBlobClient(name).downloadToBuffer())
    return { status, json, stored: stored || Buffer.alloc(0) }
  }

  const pictures = () =>
    BlobServiceClient.fromConnectionString(withStorage().AzureWebJobsStorage).getContainerClient(
      'product-images',
    )

  test('is stored, 1024 pixels square, and its address answered', async () => {
    const { status, stored } = await draw(withStorage())
    expect(status).toBe(200)
    expect([stored.readUInt32BE(16), stored.readUInt32BE(20)]).toEqual([1024, 1024])
    expect(models.calls[0]?.body).toMatchObject({
      model: 'gpt-image-2.5-flare',
      size: '1024x1024',
      output_format: 'jpeg',
      prompt: expect.stringContaining(JSON.stringify(rope)),
    })
    expect(log.join('\n')).toMatch(/AI image: model gpt-image-2.5-flare, tokens in \d+, out \d+/)
    expect(log.join('\n')).not.toMatch(/one winner/)
  })

  test('comes as a data URL where that is asked for, and is not stored', async () => {
    const { json } = await draw(
      { ...withStorage(), AzureWebJobsStorage: nowhere },
      { ...rope, format: 'data' },
    )
    expect(json.image).toMatch(/^data:image\/png;base64,iVBOR/)
  })

  test.each(['painter', 'my-DALL-E-3'])('is had from the Azure deployment %s', async (deployment) => {
    const { status } = await draw({
      ...providers['Azure OpenAI with a key']?.(),
      AzureWebJobsStorage: withStorage().AzureWebJobsStorage,
      AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: deployment,
    })
    expect(status).toBe(200)
    expect(models.calls[0]).toMatchObject({
      path: `/openai/deployments/${deployment}/images/generations`,
      query: { 'api-version': '2025-04-01-preview' },
      headers: { 'api-key': 'azure-key' },
    })
  })

  test.each<[FailureKind, number]>([
    ['refuse-image', 422],
    ['rate-limit', 503],
    ['server-error', 502],
    ['hang', 504],
  ])('is %s: %d', async (kind, expected) => {
    models.fail({ kind, times: 9, retryAfter: 0 })
    const { status } = await draw({ ...withStorage(), AI_TIMEOUT_SECONDS: kind === 'hang' ? '2' : '30' })
    expect(status).toBe(expected)
  })

  test('is not had where no model draws', async () => {
    const { status } = await draw(providers['a local server']?.() ?? {})
    expect(status).toBe(404)
    expect(models.calls).toEqual([])
  })

  test('that cannot be stored is a 503', async () => {
    expect((await draw({ ...withStorage(), AzureWebJobsStorage: nowhere })).status).toBe(503)
  })
})

test('employees only', async () => {
  const { generateDescription } = await app(openAi())
  expect((await call(generateDescription, product, { roles: ['authenticated'] })).status).toBe(403)
  expect(models.calls).toEqual([])
})

test('without a provider there is no AI, and it says so', async () => {
  const { aiHealth, aiCapabilities, generateDescription } = await app({})
  expect((await call(aiHealth, {})).status).toBe(404)
  expect((await call(aiCapabilities, {})).jsonBody).toEqual({ capabilities: [] })
  expect((await call(generateDescription, product)).status).toBe(404)
})

test('the log has the tokens and never the words', async () => {
  const { generateDescription } = await app(openAi())
  await read(await call(generateDescription, product))
  expect(log.join('\n')).toMatch(/AI description: model gpt-5.4-mini, tokens in \d+, out \d+, \d+ ms/)

  models.fail({ kind: 'bad-request', times: 1 })
  await read(await call(generateDescription, product))
  models.fail({ kind: 'break-off', times: 1 })
  await read(await call(generateDescription, product, { accept: 'text/event-stream' }))
  expect(log.join('\n')).toMatch(/503|out of reach/)
  expect(log.join('\n')).not.toMatch(/squid|stand-in text|pet shop/i)
})

test('a temperature is sent when one is set', async () => {
  await describeProduct(openAi())
  await describeProduct({ ...openAi(), TEMPERATURE: '0.7' })
  expect(models.calls.map(({ body }) => (body as { temperature?: number }).temperature)).toEqual([
    undefined,
    0.7,
  ])
})

/** Shapes of Azure's asynchronous content filter (openai/openai-node#1015), of usage, of reasoning models, and of servers of one's own. */
describe('whatever shape the chunks of an answer have', () => {
  const piece = (content: unknown) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
  const text = (words: string) => ({ type: 'text', text: words })
  const end = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }

  test.each<[string, unknown[]]>([
    ['without delta', [{ choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }] }]],
    ['with a delta of null', [{ choices: [{ index: 0, delta: null, finish_reason: null }] }]],
    ['without choices', [{ usage: null }]],
    ['with choices of null', [{ choices: null }]],
    ['with no choice', [{ choices: [], prompt_filter_results: [] }]],
    ['with a content of null', [piece(null), piece('')]],
    ['with thoughts apart', [{ choices: [{ index: 0, delta: { reasoning_content: 'Hm.' } }] }]],
    ['with thoughts in the text', [piece('<thi'), piece('nk>Hm. A squid.</think>\n\n')]],
    ['with the end of thoughts only', [piece('Hm. A squid.</think>')]],
    // Mistral's reasoning models (spring-projects/spring-ai#5020, prism-php/prism#862).
    ['with thoughts as a part', [piece([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }])]],
    [
      'with text in parts',
      [piece([text('<think>Hm. ')]), piece('A squid.'), piece([text('</thi'), text('nk>')])],
    ],
    ['with a content of another kind', [piece(7), piece({ a: 1 }), piece([null, 1, 'x'])]],
  ])('%s', async (_what, chunks) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const all = [
        ...chunks,
        piece('It squeaks '),
        ...chunks.slice(0, 1).filter(() => !/think/.test(JSON.stringify(chunks))),
        piece('loudly.'),
        end,
      ]
      response.end(`${all.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
      const { status, json } = await describeProduct({ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url })
      expect({ status, ...json }).toEqual({ status: 200, description: 'It squeaks loudly.' })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
