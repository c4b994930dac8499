/** Bearer tokens under `AUTH=jwt`: signed by the issuer, made for this API, not expired. */
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import { config } from './config.ts'
import type { Principal } from './principal.ts'
import { unavailable } from './problem.ts'
import { log } from './telemetry/log.ts'

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
    tellWhy(error)
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

/** When it was last told of a claim, in milliseconds since the epoch. */
const told = new Map<string, number>()

/**
 * Says in the log what is wrong with a token that the issuer did sign: then a setting is wrong, or a clock. Once a minute
 * for each claim, as anybody may come with such tokens.
 */
function tellWhy(error: unknown): void {
  if (!(error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)) return
  const { claim, payload } = error
  const now = Date.now()
  if (now - (told.get(claim) ?? 0) < 60_000) return
  told.set(claim, now)
  const { issuer, audience } = config().jwt
  const time = (seconds: number | undefined) => new Date((seconds ?? 0) * 1000).toISOString()
  const quote = (value: unknown) => JSON.stringify(value)?.slice(0, 200)
  const reasons: Record<string, string> = {
    aud: `it is for ${quote(payload.aud)}, and AUTH_AUDIENCE is ${quote(audience)}`,
    iss: `it is of ${quote(payload.iss)}, and AUTH_ISSUER is ${quote(issuer)}`,
    exp: `it expired at ${time(payload.exp)}, and here it is ${time(now / 1000)}: the client keeps it too long, or a clock is wrong`,
    nbf: `it is good from ${time(payload.nbf)} on, and here it is ${time(now / 1000)}: a clock is wrong`,
  }
  log.warn(`A token is not taken: ${(payload[claim] !== undefined && reasons[claim]) || error.message}.`)
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
