/**
 * An OpenID provider for clusters that have none, and for tests: `oidc-provider`, where everybody may sign in under any
 * name. It believes what people say, as the sign-in page of the Static Web Apps emulator does; never show it to the world.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider from 'oidc-provider'

export interface OpenIdOptions {
  /** `iss` of its tokens: the address at which browsers find it, perhaps with a path. Without one, where it listens. */
  issuer?: string
  port?: number
  host?: string
  /** The public client, and the page of its own to which it returns. */
  clientId: string
  returnTo: string
  /** `aud` of the access tokens: the API. */
  audience: string
  /** The claim `roles` of whoever signs in under a name. */
  rolesOf: (name: string) => string[]
  /** How long an access token is good, in seconds. */
  seconds?: number
  /** The private key that signs tokens, as `createKey` makes it. */
  key: JWK
  onRenewed?: () => void
}

export interface OpenIdServer {
  issuer: string
  jwksUri: string
  stop(): Promise<void>
}

/** Makes a key to sign with. Keep it to keep sessions over a restart. */
export async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: 'RS256', use: 'sig' }
}

/** Starts the provider. Its keys are at `jwks` below the issuer. */
export async function startOpenIdServer(options: OpenIdOptions): Promise<OpenIdServer> {
  const { port = 0, host = '127.0.0.1', clientId, returnTo, audience, rolesOf, seconds = 600, key } = options
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = options.issuer ?? here
  const { pathname } = new URL(issuer)
  const prefix = pathname === '/' ? '' : pathname

  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: [String(key.kid)] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [returnTo],
        post_logout_redirect_uris: [returnTo],
      },
    ],
    clientBasedCORS: () => true,
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: accountId }),
    }),
    extraTokenClaims: (_context, token) => ({
      roles: rolesOf('accountId' in token ? String(token.accountId) : ''),
    }),
    features: {
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: seconds,
          jwt: { sign: { alg: 'RS256' } },
        }),
        useGrantedResource: () => true,
      },
    },
  })
  // Behind nginx, the address that the browser asked for is in the headers that nginx sets.
  provider.proxy = true
  if (options.onRenewed) {
    provider.on('grant.success', ({ oidc }) => {
      if (oidc.params?.grant_type === 'refresh_token') options.onRenewed?.()
    })
  }
  const answer = provider.callback()
  server.on('request', (request, response) => {
    const url = request.url ?? '/'
    if (!url.startsWith(prefix)) {
      response.writeHead(404).end()
      return
    }
    // What comes before its own paths, `oidc-provider` reads from the difference of the two.
    Object.assign(request, { originalUrl: url, url: url.slice(prefix.length) || '/' })
    void answer(request, response)
  })

  return {
    issuer,
    jwksUri: `${here}${prefix}/jwks`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
