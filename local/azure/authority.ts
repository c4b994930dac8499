/** Microsoft Entra, as far as the apps' identities need it: it signs tokens for them, and says whom a token proves. */
import {
  createLocalJWKSet,
  errors,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import type { Deployment, Identity } from './deployment.ts'

/** Seconds by which the clocks of the authority and of who takes its tokens may differ. */
const tolerance = 300

const anHour = 3_600

export interface Authority {
  /** `iss` of its tokens, in the form that identities get (version 1.0). */
  readonly issuer: string
  readonly keys: { keys: object[] }
  /** A token for an identity, and what it is for. @param played whether the platform asks, which the rehearsal plays */
  sign(identity: Identity, audience: string, played?: boolean): Promise<{ token: string; expires: number }>
  /** A token for somebody with roles, as the sign-in of employees gets it (version 2.0). */
  signPerson(audience: string, roles: readonly string[]): Promise<string>
  /** Whose token it is, or why it proves nobody. @param now the time where it is shown, in milliseconds */
  verify(token: string, audiences: readonly string[], now: number): Promise<Proof>
  /** Milliseconds by which its clock is ahead: for trying what happens then. */
  ahead: number
  /** Seconds for which its tokens are good, but for those of the platform. */
  seconds: number
}

/** What a good token says. */
export interface Claims extends JWTPayload {
  readonly oid: string
  /** The platform is at work in the name of the identity. */
  readonly played?: boolean
}

/** What may be wrong with a token. */
export type TokenFault = 'audience' | 'expired' | 'early' | 'issuer' | 'signature' | 'unreadable'

export type Proof =
  | { readonly claims: Claims; readonly expires: number }
  | {
      readonly refused: string
      readonly fault: TokenFault
      /** What the token itself says, believed or not. */
      readonly oid: string | undefined
    }

export async function createAuthority({ tenantId }: Pick<Deployment, 'tenantId'>): Promise<Authority> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = crypto.randomUUID()
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] }
  const keySet = createLocalJWKSet(keys)
  const issuer = `https://sts.windows.net/${tenantId}/`

  const authority: Authority = {
    issuer,
    keys,
    ahead: 0,
    seconds: anHour,
    async sign({ clientId, principalId, id }, audience, played) {
      const now = Math.floor((Date.now() + authority.ahead) / 1000)
      const expires = now + (played ? anHour : authority.seconds)
      const token = await new SignJWT({
        appid: clientId,
        oid: principalId,
        tid: tenantId,
        ver: '1.0',
        xms_mirid: id,
        ...(played && { played }),
      })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(principalId)
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(expires)
        .sign(privateKey)
      return { token, expires }
    },
    signPerson(audience, roles) {
      const now = Math.floor((Date.now() + authority.ahead) / 1000)
      return new SignJWT({
        roles,
        name: 'Captain',
        oid: 'd75b260a-6450-4067-bfc5-b2905e3b8182',
        tid: tenantId,
        ver: '2.0',
      })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer(`https://login.microsoftonline.com/${tenantId}/v2.0`)
        .setSubject('captain')
        .setAudience(audience)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + anHour)
        .sign(privateKey)
    },
    async verify(token, audiences, now) {
      try {
        const { payload } = await jwtVerify(token, keySet, {
          issuer,
          audience: audiences.flatMap((one) => [one, `${one}/`]),
          clockTolerance: tolerance,
          currentDate: new Date(now),
          requiredClaims: ['exp', 'oid'],
        })
        const claims = payload as Claims
        return { claims, expires: ((claims.exp ?? 0) + tolerance) * 1000 }
      } catch (error) {
        return { ...reasonOf(error, token, audiences, now), oid: claimsOf(token).oid as string | undefined }
      }
    },
  }
  return authority
}

type Reason = Pick<Extract<Proof, { refused: string }>, 'refused' | 'fault'>

function reasonOf(error: unknown, token: string, audiences: readonly string[], time: number): Reason {
  const { aud, exp = 0, nbf = 0, iss } = claimsOf(token)
  const now = `here it is ${new Date(time).toISOString()}`
  if (error instanceof errors.JWTExpired)
    return {
      fault: 'expired',
      refused: `the token expired at ${timeOf(exp)}, and ${now}: is a clock wrong, or was the token kept too long?`,
    }
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf')
      return {
        fault: 'early',
        refused: `the token is good from ${timeOf(nbf)} on, and ${now}: the clock of who signed it, or the one here, is wrong`,
      }
    if (error.claim === 'aud')
      return {
        fault: 'audience',
        refused: `the token is for ${aud}, and not for ${audiences.join(' or ')}: its client asks for another scope`,
      }
    if (error.claim === 'iss')
      return { fault: 'issuer', refused: `the token was signed by ${iss}, which is not trusted here` }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return { fault: 'signature', refused: 'the signature of the token is not that of its authority' }
  return { fault: 'unreadable', refused: `the token cannot be read: ${(error as Error).message}` }
}

const timeOf = (seconds: number) => new Date(seconds * 1000).toISOString()

/** What a token says, whoever signed it. */
function claimsOf(token: string): JWTPayload {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  } catch {
    return {}
  }
}
