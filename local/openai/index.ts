/**
 * A stand-in for the models: a server that speaks enough of OpenAI's protocol, and of Azure OpenAI's, for the real SDK
 * to work with it. It asks no model. Its texts and pictures follow from the request alone, say themselves that they are
 * a stand-in's, and it fails in whatever way it is told to.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerText } from './answerText.ts'
import { type ChatRequest, describe, streamChat, wholeChat } from './chat.ts'
import { type Failure, type FailureKind, failureKinds, sendError, sendFailure } from './failures.ts'
import { type ImageRequest, imageAnswer } from './images.ts'

// Not imported: an import reads all that a module has, and WebSocket in it loads undici, 25 ms of the processor.
const { createServer } = process.getBuiltinModule('node:http')

export interface StandInOptions {
  /** 0 or none: any free one. */
  port?: number
  host?: string
  /** Milliseconds between the words of a streamed text. */
  pace?: number
  /** The models that it lists. */
  models?: readonly string[]
  /** The key, or token, that a call must carry; any when not given, but never none. */
  key?: string
}

/** A call as it came in. */
export interface Call {
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingMessage['headers']
  body: unknown
  /** How it ended: its answer is on the way, was sent whole, or the client hung up before that. */
  outcome: 'open' | 'answered' | 'cancelled'
}

export interface StandIn {
  readonly port: number
  /** Without a slash at the end. */
  readonly url: string
  /** What was called, the oldest first; the last hundred. */
  readonly calls: Call[]
  /** The next calls to a model fail in this way. */
  fail(failure: Failure): void
  close(): Promise<void>
}

/** Starts a stand-in; answers once it accepts connections. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { port = 0, host = '127.0.0.1', pace = 0, models = ['stand-in'], key } = options
  const calls: Call[] = []
  const failures: Failure[] = []

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendError(response, 500, { message: String(error), code: 'stand_in_fault' })
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://stand-in')
    const body = await readJson(request)
    if (url.pathname.startsWith('/stand-in/')) return control(request, response, url.pathname, body)

    const call: Call = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
      outcome: 'open',
    }
    calls.push(call)
    if (calls.length > 100) calls.shift()
    response.once('close', () => {
      call.outcome = response.writableFinished ? 'answered' : 'cancelled'
    })

    const credential = request.headers['api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '')
    if (!credential || (key && credential !== key)) {
      return sendError(response, 401, { message: 'This key is not known here.', code: 'invalid_api_key' })
    }
    const operation = operationOf(request.method, url)
    if (!operation)
      return sendError(response, 404, { message: `There is no ${url.pathname}.`, code: 'not_found' })
    if (operation === 'models') {
      return sendJson(response, {
        object: 'list',
        data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'stand-in' })),
      })
    }

    const failure = failures.find(({ about = '' }) => JSON.stringify(body).includes(about))
    if (failure && --failure.times === 0) failures.splice(failures.indexOf(failure), 1)
    if (failure && sendFailure(response, failure)) return
    if (operation === 'images') return sendJson(response, imageAnswer(body as ImageRequest, response))
    const chat = body as ChatRequest
    const text = answerText(describe(chat), failure?.kind)
    if (chat.stream) await streamChat(response, chat, text, { pace, failure: failure?.kind })
    else sendJson(response, wholeChat(chat, text))
  }

  /** What tests and people tell the stand-in itself. */
  function control(request: IncomingMessage, response: ServerResponse, path: string, body: unknown) {
    if (path === '/stand-in/calls' && request.method === 'GET') return sendJson(response, calls)
    if (path === '/stand-in/failures' && request.method === 'POST') {
      const { kind, times = 1, ...more } = body as Partial<Failure>
      if (!failureKinds.includes(kind as FailureKind)) {
        return sendError(response, 400, {
          message: `"kind" is one of ${failureKinds.join(', ')}.`,
          code: 'unknown_failure',
        })
      }
      failures.push({ ...more, kind: kind as FailureKind, times })
      return sendJson(response, failures)
    }
    return sendError(response, 404, { message: `There is no ${path}.`, code: 'not_found' })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    port: bound,
    url: `http://${host}:${bound}`,
    calls,
    fail: (failure) => void failures.push({ ...failure }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a path asks for, under OpenAI's paths or Azure's: a deployment and a dated version, or "v1" and neither. */
function operationOf(method: string | undefined, url: URL): 'models' | 'chat' | 'images' | null {
  const path = url.pathname.replace(/^\/openai(?=\/)/, '')
  const isAzure = path !== url.pathname
  const rest =
    /^\/v1(\/.*)$/.exec(path)?.[1] ??
    (isAzure && url.searchParams.get('api-version')
      ? /^\/deployments\/[^/]+(\/.*)$/.exec(path)?.[1]
      : undefined)
  if (method === 'GET' && rest === '/models') return 'models'
  if (method === 'POST' && rest === '/chat/completions') return 'chat'
  if (method === 'POST' && rest === '/images/generations') return 'images'
  return null
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text ? JSON.parse(text) : undefined
}

function sendJson(response: ServerResponse, body: unknown) {
  if (response.headersSent) return
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
