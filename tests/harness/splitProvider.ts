/** A real OpenID provider on two origins: its pages and metadata at the issuer, its tokens and keys at another. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startOpenIdProvider } from './openIdProvider.ts'

export interface SplitProvider {
  issuer: string
  jwksUri: string
  /** The other origin. */
  tokens: string
  /** What was asked of the other origin, such as "POST /token". */
  served(): string[]
  stop(): Promise<void>
}

const elsewhere = ['/token', '/jwks']

/** Starts the provider for one web app. */
export async function startSplitProvider(app: string): Promise<SplitProvider> {
  const served: string[] = []
  const pages = createServer()
  const tokens = createServer()
  const issuer = await listen(pages)
  const other = await listen(tokens)
  const provider = await startOpenIdProvider(app, 600, issuer)
  const inside = new URL(provider.jwksUri).origin

  pages.on('request', (call, response) => {
    if (elsewhere.includes(pathOf(call))) response.writeHead(404).end()
    else if (pathOf(call) === '/.well-known/openid-configuration') void tellOfBoth(call, response)
    else passOn(inside, call, response)
  })
  tokens.on('request', (call, response) => {
    served.push(`${call.method} ${pathOf(call)}`)
    if (elsewhere.includes(pathOf(call))) passOn(inside, call, response)
    else response.writeHead(404).end()
  })

  /** Its own metadata, with the addresses that it would say itself if it knew of the two origins. */
  async function tellOfBoth({ url }: IncomingMessage, response: ServerResponse) {
    const own = (await (await fetch(inside + url)).text()).replaceAll(inside, issuer)
    const metadata = { ...JSON.parse(own), token_endpoint: `${other}/token`, jwks_uri: `${other}/jwks` }
    const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*' }
    response.writeHead(200, headers).end(JSON.stringify(metadata))
  }

  return {
    issuer,
    jwksUri: `${other}/jwks`,
    tokens: other,
    served: () => served,
    async stop() {
      for (const server of [pages, tokens]) {
        server.closeAllConnections()
        server.close()
      }
      await provider.stop()
    },
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const pathOf = ({ url = '/' }: IncomingMessage) => url.split('?')[0] ?? '/'

/** Passes a call on to another server, as a proxy does. */
function passOn(to: string, call: IncomingMessage, response: ServerResponse) {
  const { method = 'GET', headers, url } = call
  const onward = request(to + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.once('error', () => response.destroy())
  call.pipe(onward)
}
