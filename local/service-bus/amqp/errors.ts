import type { Right } from '../access.ts'
import { Failure, type FailureReason } from '../engine/failure.ts'
import type { AmqpError } from './rhea.ts'
import { MalformedError } from './wire.ts'

/** The AMQP conditions that the SDKs turn into their error codes. */
const conditions: Readonly<Record<FailureReason, string>> = {
  'argument-error': 'com.microsoft:argument-error',
  'entity-already-exists': 'com.microsoft:entity-already-exists',
  'entity-disabled': 'com.microsoft:entity-disabled',
  'entity-not-found': 'amqp:not-found',
  'message-lock-lost': 'com.microsoft:message-lock-lost',
  'message-not-found': 'com.microsoft:message-not-found',
  'message-too-large': 'amqp:link:message-size-exceeded',
  'not-allowed': 'amqp:not-allowed',
  'quota-exceeded': 'amqp:resource-limit-exceeded',
  'session-cannot-be-locked': 'com.microsoft:session-cannot-be-locked',
  'session-lock-lost': 'com.microsoft:session-lock-lost',
  'transaction-unknown': 'amqp:transaction:unknown-id',
}

const statusCodes: Partial<Record<FailureReason, number>> = {
  'entity-not-found': 404,
  'message-lock-lost': 410,
  'message-not-found': 404,
  'not-allowed': 403,
  'quota-exceeded': 403,
  'session-lock-lost': 410,
  'session-cannot-be-locked': 409,
  'entity-already-exists': 409,
}

/** The AMQP error for whatever went wrong. */
export function amqpError(error: unknown): AmqpError {
  if (error instanceof Failure) return { condition: conditions[error.reason], description: error.message }
  if (error instanceof UnauthorizedError)
    return { condition: 'amqp:unauthorized-access', description: error.message }
  if (error instanceof MalformedError) return { condition: 'amqp:decode-error', description: error.message }
  return {
    condition: 'amqp:internal-error',
    description: error instanceof Error ? error.message : String(error),
  }
}

/** The status code of a management response for whatever went wrong. */
export function statusCode(error: unknown): number {
  if (error instanceof Failure) return statusCodes[error.reason] ?? 400
  if (error instanceof UnauthorizedError) return 401
  return error instanceof MalformedError ? 400 : 500
}

export function entityNotFound(address: string): Failure {
  return new Failure('entity-not-found', `The messaging entity '${address}' could not be found.`)
}

/** A link for which the connection has no claim. */
export class UnauthorizedError extends Error {
  constructor(address: string, rights: readonly Right[] = []) {
    super(
      `Unauthorized access. '${rights.join("' or '")}' claim(s) are required to perform this operation. Resource: '${address}'.`,
    )
    this.name = 'UnauthorizedError'
  }
}
