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
    return { refused: `InvalidToken: ${error instanceof Error ? error.message : String(error)}` }
  }
}
