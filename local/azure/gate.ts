/** What stands before a service that checks tokens with every request: the token, then the right. */
import type { IncomingMessage } from 'node:http'
import type { Authority, Proof } from './authority.ts'
import { bearerOf } from './httpAnswers.ts'
import type { Rights } from './rights.ts'

/** Why somebody does not get in. */
export type Stop =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'token'; readonly proof: Extract<Proof, { refused: string }> }
  | { readonly kind: 'right'; readonly principalId: string }

export interface Gate {
  /** Lets a request through (undefined), or says why not; either is written down. */
  check(request: IncomingMessage, action: string, resource: string): Promise<Stop | undefined>
}

export function createGate(authority: Authority, rights: Rights, audiences: readonly string[]): Gate {
  return {
    async check(request, action, resource) {
      const token = bearerOf(request)
      if (!token) {
        const reason = `it came without a token (${request.headers.authorization ? 'but with a key' : 'and without a key'})`
        rights.refuse({ identity: undefined, action, resource, reason })
        return { kind: 'nobody' }
      }
      const proof = await authority.verify(token, audiences)
      if ('refused' in proof) {
        const identity = rights.identityOf(proof.oid)
        rights.refuse({ identity, action, resource, reason: proof.refused })
        return { kind: 'token', proof }
      }
      const { claims } = proof
      return rights.allows(claims, action, resource) ? undefined : { kind: 'right', principalId: claims.oid }
    },
  }
}
