/** What stands before a service that checks tokens with every request: the token, then the right. */
import type { IncomingMessage } from 'node:http'
import type { Authority, Proof } from './authority.ts'
import type { Clock } from './clock.ts'
import { bearerOf } from './httpAnswers.ts'
import type { Refused, Rights } from './rights.ts'

/** Why somebody does not get in. */
export type Stop =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'token'; readonly proof: Extract<Proof, { refused: string }> }
  | { readonly kind: 'right'; readonly principalId: string }

/** Who has got in. */
export interface Guest {
  readonly kind: 'guest'
  readonly who: Pick<Refused, 'identity' | 'by'>
}

export interface Gate {
  /** Lets a request through, or says why not, which is written down. */
  check(request: IncomingMessage, action: string, resource: string): Promise<Stop | Guest>
}

/** @param clock the time of the service behind it */
export function createGate(
  authority: Authority,
  rights: Rights,
  clock: Clock,
  audiences: readonly string[],
): Gate {
  return {
    async check(request, action, resource) {
      const token = bearerOf(request)
      if (!token) {
        const isKey = request.headers.authorization !== undefined
        const reason = `it came without a token (${isKey ? 'but with a key' : 'and without a key'})`
        rights.refuse({ identity: undefined, fault: 'key', action, resource, reason })
        return { kind: 'nobody' }
      }
      const proof = await authority.verify(token, audiences, clock.now())
      if ('refused' in proof) {
        const identity = rights.identityOf(proof.oid)
        rights.refuse({ identity, fault: proof.fault, action, resource, reason: proof.refused })
        return { kind: 'token', proof }
      }
      const { claims } = proof
      if (!rights.allows(claims, action, resource)) return { kind: 'right', principalId: claims.oid }
      const by = claims.played ? 'platform' : 'app'
      return { kind: 'guest', who: { identity: rights.identityOf(claims.oid), by } }
    },
  }
}
