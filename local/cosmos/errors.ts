/** What the service answers for each status beside its number: the `code` of the error's body. */
const codes: Readonly<Record<number, string>> = {
  304: 'NotModified',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  424: 'FailedDependency',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
}

export const codeOf = (status: number): string => codes[status] ?? 'InternalServerError'

/** A request that is refused, with the status and the sub-status that SDKs read. */
export class CosmosError extends Error {
  readonly status: number
  readonly substatus: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Request units that the refused request cost all the same. */
  readonly charge: number

  constructor(
    status: number,
    message: string,
    options: { substatus?: number; headers?: Record<string, string>; charge?: number } = {},
  ) {
    super(message)
    this.name = 'CosmosError'
    this.status = status
    this.substatus = options.substatus
    this.headers = options.headers ?? {}
    this.charge = options.charge ?? 1
  }
}

export const badRequest = (message: string, substatus?: number) =>
  new CosmosError(400, message, substatus === undefined ? {} : { substatus })

/** 1003: what the item would be in is not there, by which SDKs tell it from an item that is not. */
export const ownerNotFound = () => new CosmosError(404, 'Owner resource does not exist', { substatus: 1003 })

export const notFound = () =>
  new CosmosError(404, 'Entity with the specified id does not exist in the system.', { substatus: 0 })

export const conflict = (message = 'Entity with the specified id already exists in the system.') =>
  new CosmosError(409, message)

export const preconditionFailed = () =>
  new CosmosError(
    412,
    'One of the specified pre-condition is not met. A condition of the request does not hold.',
  )

/** What this server leaves out is refused in words, so that nobody takes it for done. */
export const notSupported = (what: string) =>
  badRequest(`${what} is not supported by this local Cosmos DB. See its README for what is left out.`)
