/** HTTP streaming: hands requests to the server that the programming model waits at (see `captureServer.ts`). */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { HostFunction } from '../functions.ts'
import type { Invoker } from '../invoke.ts'
import type { TraceContext, TypedData } from '../rpc.ts'
import { encodedAgain, readQuery } from './encoding.ts'
import { flatHeaders, HttpError, headerText, refuseLargeBody } from './messages.ts'

export interface StreamGate {
  invoke(
    fn: HostFunction,
    call: {
      request: IncomingMessage
      response: ServerResponse
      url: URL
      params: Record<string, string>
      reason: string
      traceContext: TraceContext | undefined
    },
  ): Promise<void>
}

/**
 * What the model writes an answer to. It keeps this for ever where it has none to give, as when a function throws or
 * returns nothing: then it must not be the response itself, with its request and socket.
 */
class Answer {
  #response: ServerResponse | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  set statusCode(status: number) {
    if (this.#response) this.#response.statusCode = status
  }

  setHeader(name: string, value: string | string[]) {
    this.#response?.setHeader(name, value)
  }

  write(chunk: Uint8Array | string) {
    this.#response?.write(chunk)
  }

  end() {
    this.#response?.end()
  }

  /** Nothing that is written from now on arrives. */
  letGo() {
    this.#response = undefined
  }
}

/** Feeds requests to the model's server. */
export function createStreamGate(server: Server, invoker: Invoker): StreamGate {
  return {
    async invoke(fn, { request, response, url, params, reason, traceContext }) {
      refuseLargeBody(request)
      const invocationId = randomUUID()
      const metadata: Record<string, TypedData> = { Headers: { json: JSON.stringify(flatHeaders(request)) } }
      for (const [name, value] of Object.entries(streamedParams(url, params)))
        metadata[name] = { string: value }
      request.url = encodedAgain(url.pathname, true) + url.search
      for (const name in request.headers) {
        const value = request.headers[name]
        if (typeof value === 'string') request.headers[name] = headerText(value)
      }
      request.headers['x-ms-invocation-id'] = invocationId
      request.headers['x-forwarded-host'] = request.headers.host ?? 'localhost'
      request.headers['x-forwarded-proto'] = 'http'
      const answer = new Answer(response)
      server.emit('request', request, answer)
      try {
        await invoker.invoke(fn, {
          invocationId,
          data: {},
          metadata,
          reason,
          ...(traceContext && { traceContext }),
        })
      } finally {
        answer.letGo()
      }
      // The model answers nothing where the function returned nothing: the real host's proxy waits in vain.
      if (!response.headersSent && !response.writableEnded)
        throw new HttpError(500, 'The function returned nothing, which an app that streams must not.')
      if (!request.readableEnded) request.resume()
    },
  }
}

/**
 * What the model makes `request.params` of: the extension's binding data hold the query, too. Their names know no case,
 * and a parameter of the route comes over one of the query, under the name that was there first.
 */
function streamedParams(url: URL, params: Record<string, string>): Record<string, string> {
  if (!url.search) return params
  const all = readQuery(url.search)
  // A function's key binds to nothing.
  for (const name of Object.keys(all)) if (name.toLowerCase() === 'code') delete all[name]
  const spelling = new Map(Object.keys(all).map((name) => [name.toLowerCase(), name]))
  for (const [name, value] of Object.entries(params)) all[spelling.get(name.toLowerCase()) ?? name] = value
  return all
}
