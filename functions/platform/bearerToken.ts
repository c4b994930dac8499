/** Bearer tokens under `AUTH=jwt`: signed by the issuer, made for this API, not expired. */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { config } from './config.ts'
import type { Principal } from './principal.ts'
import { unavailable } from './problem.ts'

/** Only signatures that the issuer alone can make: never `none`, never a shared secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

/**
 * Who a token speaks for, or null when it is not to be believed.
 * @throws {ProblemError} 503 when the issuer's keys cannot be had.
 */
export async function principalInToken(token: string): Promise<Principal | null> {
  const { issuer, audience, jwksUri, rolesClaim } = config().jwt
  keys ??= createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: 5_000 })
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      clockTolerance: 30,
      requiredClaims: ['exp', 'sub'],
    })
    return principalIn(payload, rolesClaim)
  } catch (error) {
    if (isIssuerAway(error)) throw unavailable('Sign-in', error)
    return null
  }
}

function principalIn(payload: JWTPayload, rolesClaim: string): Principal {
  const { sub: id = '', name } = payload
  const roles = payload[rolesClaim]
  return {
    id,
    name: typeof name === 'string' ? name : id,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
  }
}

/** Whether fetching the keys failed, rather than the token. */
function isIssuerAway(error: unknown) {
  if (!(error instanceof errors.JOSEError)) return true
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  )
}
