import type { JSONWebKeySet, JWTPayload } from 'jose'
import type { Access, Principal, Refusal, Scope } from './access.ts'

export interface EntraOptions {
  /** The public keys of the authority that signs tokens (a JSON Web Key Set). */
  readonly keys: JSONWebKeySet
  /** Default: any. */
  readonly issuer?: string | undefined
  /** Whom tokens are for. Default: Cosmos DB, `https://cosmos.azure.com`, and the server's own endpoint. */
  readonly audience?: string | readonly string[] | undefined
  /** Whether an identity may do this, by its role assignments (see `byRoleAssignments`). Default: it may do everything. */
  readonly isAllowed?: (claims: Readonly<JWTPayload>, action: string, scope: Scope) => boolean
}

export const cosmosAudience = 'https://cosmos.azure.com'

/** Seconds by which the clocks of issuer and server may differ. */
const tolerance = 300

/**
 * Takes tokens of Microsoft Entra (or of who plays it): audience, issuer, times and signature are checked.
 * `endpoint`: the server's own, which is an audience of its own unless others are given.
 */
export function entraAccess(options: EntraOptions, endpoint: () => string): Access {
  const { keys, issuer, isAllowed } = options
  // Only those who use Entra pay for loading the library.
  let verifier: Promise<Verify> | undefined
  return {
    async authorize(token, now) {
      const audiences = [options.audience ?? [cosmosAudience, endpoint()]].flat()
      verifier ??= prepare({ keys, issuer, audiences })
      return (await verifier)(token, now)
    },
    allows: ({ claims = {} }, action, scope) => isAllowed?.(claims, action, scope) ?? true,
  }
}

type Verify = (token: string, now: number) => Promise<Principal | Refusal>

interface Expected {
  readonly keys: JSONWebKeySet
  readonly issuer: string | undefined
  readonly audiences: readonly string[]
}

async function prepare(expected: Expected): Promise<Verify> {
  const { createLocalJWKSet, decodeJwt, jwtVerify } = await import('jose')
  const keySet = createLocalJWKSet(expected.keys)
  const { issuer, audiences } = expected
  return async (token, now) => {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        audience: [...audiences],
        currentDate: new Date(now),
        clockTolerance: tolerance,
        requiredClaims: ['exp'],
        ...(issuer !== undefined && { issuer }),
      })
      return principalOf(payload)
    } catch (error) {
      return refusalOf(error, () => decodeJwt(token), expected, now)
    }
  }
}

function principalOf(claims: JWTPayload): Principal | Refusal {
  const { oid, exp = 0 } = claims
  if (typeof oid !== 'string')
    return { refused: 'Provided AAD token has no object id (oid).', substatus: 5011 }
  return { name: oid, expires: (exp + tolerance) * 1000, claims }
}

/**
 * The substatus by the service's table of them (5003 to 5011, 5200); the texts of audience, issuer and expiry as its users
 * report them, the others are ours.
 */
function refusalOf(error: unknown, decode: () => JWTPayload, expected: Expected, now: number): Refusal {
  const { code, claim, message } = error as { code?: string; claim?: string; message?: string }
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED')
    return { refused: 'Provided AAD token has a signature that is not its issuer’s.', substatus: 5004 }
  if (code === 'ERR_JWKS_NO_MATCHING_KEY')
    return { refused: 'Provided AAD token is signed by a key that is not known.', substatus: 5200 }
  if (code === 'ERR_JWT_EXPIRED')
    return {
      refused: `Provided AAD token has been expired since [${timeOf(decode().exp)}]. Current server time is [${timeOf(now / 1000)}]. Please refresh the AAD token.`,
      substatus: 5006,
    }
  if (claim === 'nbf')
    return {
      refused: `Provided AAD token is not valid before [${timeOf(decode().nbf)}]. Current server time is [${timeOf(now / 1000)}].`,
      substatus: 5005,
    }
  if (claim === 'aud')
    return {
      refused: `Provided AAD token is intended for [${[decode().aud].flat().join(', ')}]. This database account accepts tokens intended for [${expected.audiences.join(', ')}].`,
      substatus: 5008,
    }
  if (claim === 'iss')
    return {
      refused: `Provided AAD token was issued by the authority [${decode().iss}] which is not trusted by this database account. Please ensure the token has been issued by the authority [${expected.issuer}].`,
      substatus: 5007,
    }
  return { refused: `Provided AAD token cannot be read: ${message}.`, substatus: 5003 }
}

/** As the service writes it: `7/17/2022 5:09:09 PM (UTC)`. */
function timeOf(seconds = 0): string {
  const text = new Date(seconds * 1000).toLocaleString('en-US', { timeZone: 'UTC' })
  return `${text.replace(',', '').replace(/\s/g, ' ')} (UTC)`
}
