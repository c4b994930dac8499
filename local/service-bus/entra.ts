import type { JSONWebKeySet, JWTPayload } from 'jose'
import { type Access, covers, type Principal, type Refusal, type Right } from './access.ts'

export interface EntraOptions {
  /** The public keys of the authority that signs tokens (a JSON Web Key Set). */
  readonly keys: JSONWebKeySet
  /** Default: any. */
  readonly issuer?: string | undefined
  /** Default: Service Bus, `https://servicebus.azure.net`. */
  readonly audience?: string | undefined
  /** Whether an identity may do this with an entity, by its role assignments. Default: it may do everything. */
  readonly isAllowed?: (claims: Readonly<JWTPayload>, entity: string, right: Right) => boolean
}

const serviceBus = 'https://servicebus.azure.net'

/** Seconds by which the clocks of issuer and broker may differ. */
const tolerance = 300

/** Takes tokens of Microsoft Entra (or of who plays it): audience, expiry and signature are checked. */
export function entraAccess({ keys, issuer, audience = serviceBus, isAllowed }: EntraOptions): Access {
  // Only those who use Entra pay for loading the library.
  let verifier: Promise<Verify> | undefined
  return {
    async authorize(token, now) {
      verifier ??= prepare({ keys, issuer, audience })
      return checkToken(token, now, await verifier)
    },
    allows: (principal, entity, right) =>
      covers(principal, entity, right) && (isAllowed?.(principal.claims ?? {}, entity, right) ?? true),
  }
}

type Verify = (token: string, now: number) => Promise<JWTPayload>

interface Expected {
  readonly keys: JSONWebKeySet
  readonly issuer: string | undefined
  readonly audience: string
}

async function prepare({ keys, issuer, audience }: Expected): Promise<Verify> {
  const { createLocalJWKSet, jwtVerify } = await import('jose')
  const keySet = createLocalJWKSet(keys)
  const bare = audience.replace(/\/+$/, '')
  return async (token, now) => {
    const { payload } = await jwtVerify(token, keySet, {
      audience: [bare, `${bare}/`],
      currentDate: new Date(now),
      clockTolerance: tolerance,
      requiredClaims: ['exp'],
      ...(issuer !== undefined && { issuer }),
    })
    return payload
  }
}

async function checkToken(token: string, now: number, verify: Verify): Promise<Principal | Refusal> {
  try {
    const claims = await verify(token, now)
    return {
      name: String(claims.oid ?? claims.sub ?? ''),
      expires: ((claims.exp ?? 0) + tolerance) * 1000,
      scope: '',
      rights: ['Listen', 'Manage', 'Send'],
      claims,
    }
  } catch (error) {
    return { refused: refusalOf(error, now) }
  }
}

/** In the service's own words where its users report them (azure-service-bus-java#354, azure-sdk-for-js#26360). */
function refusalOf(error: unknown, now: number): string {
  const { code, claim, payload = {}, message } = error as Partial<JoseError>
  const here = `here it is '${timeOf(now / 1000)}'`
  if (code === 'ERR_JWT_EXPIRED')
    return `ExpiredToken: The token is expired. Expiration time: '${timeOf(payload.exp)}'; ${here}.`
  if (claim === 'nbf') return `InvalidToken: The token is good from '${timeOf(payload.nbf)}' on, and ${here}.`
  if (claim === 'aud')
    return `InvalidAudience: Invalid authorization token audience. It is for '${[payload.aud].flat().join(', ')}'.`
  if (claim === 'iss') return `InvalidIssuer: Token issuer is invalid. It is '${payload.iss}'.`
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' || code === 'ERR_JWKS_NO_MATCHING_KEY')
    return 'InvalidSignature: The token has an invalid signature.'
  return `InvalidToken: ${message ?? String(error)}`
}

/** What the errors of `jose` say of themselves. */
interface JoseError extends Error {
  readonly code: string
  readonly claim: string
  readonly payload: JWTPayload
}

/** As the service writes it: `2019-04-11 21:12:56Z`. */
const timeOf = (seconds = 0): string =>
  new Date(seconds * 1000).toISOString().replace('T', ' ').replace(/\.\d+/, '')
