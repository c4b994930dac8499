/** A real OpenID provider for a test. Captains have the role admin; it makes tokens of the test's own choice, too. */
import { generateKeyPair, importJWK, SignJWT } from 'jose'
import { createKey, type OpenIdServer, startOpenIdServer } from '../../local/openid/provider.ts'

export const audience = 'https://store.example/api'
export const clientId = 'store-admin'

export interface OpenIdProvider extends OpenIdServer {
  /** How many times a token was renewed. */
  renewals(): number
  /** A token of this provider with claims of the test's choice, or one that only claims to be. */
  sign(
    claims: { aud?: string; exp?: number; iss?: string; roles?: string[] },
    options?: { forged?: boolean },
  ): Promise<string>
}

/** Starts the provider for one web app; its access tokens are good for this many seconds. */
export async function startOpenIdProvider(
  app: string,
  seconds: number,
  issuer?: string,
): Promise<OpenIdProvider> {
  const key = await createKey()
  const stranger = (await generateKeyPair('RS256')).privateKey
  let renewals = 0
  const server = await startOpenIdServer({
    ...{ clientId, audience, seconds, key },
    ...(issuer ? { issuer } : {}),
    returnTo: `${app}/sign-in`,
    rolesOf: (name) => (name.startsWith('captain') ? ['admin'] : []),
    onRenewed: () => renewals++,
  })
  return {
    ...server,
    renewals: () => renewals,
    async sign(
      { aud = audience, exp = Math.floor(Date.now() / 1000) + 60, iss = server.issuer, roles = ['admin'] },
      { forged } = {},
    ) {
      return new SignJWT({ roles })
        .setProtectedHeader({ alg: 'RS256', kid: String(key.kid) })
        .setSubject('captain')
        .setIssuer(iss)
        .setAudience(aud)
        .setIssuedAt(exp - 120)
        .setExpirationTime(exp)
        .sign(forged ? stranger : await importJWK(key, 'RS256'))
    },
  }
}
