/** A real OpenID provider (`oidc-provider`), where everybody may sign in under any name. Captains have the role admin. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import Provider from 'oidc-provider'

export const audience = 'https://store.example/api'
const keyId = 'harbour'

export interface OpenIdProvider {
  issuer: string
  jwksUri: string
  clientId: string
  /** How many times a token was renewed. */
  renewals(): number
  /** A token of this provider with claims of the test's own choice, or one that only claims to be. */
  sign(
    claims: { aud?: string; exp?: number; iss?: string; roles?: string[] },
    options?: { forged?: boolean },
  ): Promise<string>
  stop(): Promise<void>
}

/** Starts the provider for one web app; its access tokens are good for this many seconds. */
export async function startOpenIdProvider(app: string, seconds: number): Promise<OpenIdProvider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const stranger = (await generateKeyPair('RS256')).privateKey
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rolesOf = (name: string) => (name.startsWith('captain') ? ['admin'] : [])
  const clientId = 'store-admin'

  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: keyId, alg: 'RS256', use: 'sig' }] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${app}/sign-in`],
        post_logout_redirect_uris: [`${app}/sign-in`],
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
    ttl: { AccessToken: seconds },
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
  let renewals = 0
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.grant_type === 'refresh_token') renewals++
  })
  server.on('request', provider.callback())

  return {
    issuer,
    jwksUri: `${issuer}/jwks`,
    clientId,
    renewals: () => renewals,
    sign: (
      { aud = audience, exp = Math.floor(Date.now() / 1000) + 60, iss = issuer, roles = ['admin'] },
      { forged } = {},
    ) =>
      new SignJWT({ roles })
        .setProtectedHeader({ alg: 'RS256', kid: keyId })
        .setSubject('captain')
        .setIssuer(iss)
        .setAudience(aud)
        .setIssuedAt(exp - 120)
        .setExpirationTime(exp)
        .sign(forged ? stranger : privateKey),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
