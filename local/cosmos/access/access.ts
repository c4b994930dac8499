/** Who may do what, by a token of Microsoft Entra: the one place that the protocol asks. The master key may do everything. */

/** Somebody whose token was good. */
export interface Principal {
  /** The object id of an identity. */
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly expires: number
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Why a token is no good. */
export interface Refusal {
  readonly refused: string
  /** What SDKs read beside the status 401. */
  readonly substatus: number
}

/** `/`, `/dbs/name` or `/dbs/name/colls/name`; undefined: whichever, as for reading what the account is. */
export type Scope = string | undefined

/** Decides who may do which data action where. */
export interface Access {
  /** Whom a token proves. */
  authorize(token: string, now: number): Principal | Refusal | Promise<Principal | Refusal>
  /** Whether a principal may do something such as `Microsoft.DocumentDB/databaseAccounts/readMetadata`. */
  allows(principal: Principal, action: string, scope: Scope): boolean
}
