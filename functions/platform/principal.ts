/** Whom a proof of identity speaks for. */

/** An employee who is signed in. */
export interface User {
  /** Stays the same for a person; never shown. */
  id: string
  name: string
}

/** What a proof of identity says: who it is and what they may do. */
export interface Principal extends User {
  roles: readonly string[]
}
