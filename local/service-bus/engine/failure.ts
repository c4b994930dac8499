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

/** A refusal that belongs to the contract of Service Bus (as opposed to a bug of the broker). */
export class Failure extends Error {
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string) {
    super(message)
    this.name = 'Failure'
    this.reason = reason
  }
}
