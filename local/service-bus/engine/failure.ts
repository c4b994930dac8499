/** Why the engine refuses an operation; the protocol layers translate it into their own codes. */
export type FailureReason =
  | 'argument-error'
  | 'entity-already-exists'
  | 'entity-disabled'
  | 'entity-not-found'
  | 'message-lock-lost'
  | 'message-not-found'
  | 'message-too-large'
  | 'not-allowed'
  | 'quota-exceeded'
  | 'session-cannot-be-locked'
  | 'session-lock-lost'
  | 'transaction-unknown'

/** A refusal that belongs to the contract of Service Bus (as opposed to a bug of the broker). */
export class Failure extends Error {
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string) {
    super(message)
    this.name = 'Failure'
    this.reason = reason
  }
}

export function messageLockLost(): Failure {
  return new Failure(
    'message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  )
}

export function messageNotFound(sequenceNumber: number): Failure {
  const state = 'in the state asked for'
  return new Failure('message-not-found', `No message has the sequence number ${sequenceNumber} ${state}.`)
}

/** @param limit Bytes. */
export function messageTooLarge(limit: number): Failure {
  return new Failure(
    'message-too-large',
    `The received message is larger than the ${limit} bytes that are allowed on this link.`,
  )
}

export function sessionLockLost(id: string): Failure {
  const advice = 'Request a new session receiver.'
  return new Failure('session-lock-lost', `The session lock on the session '${id}' was lost. ${advice}`)
}
