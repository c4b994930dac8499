/**
 * The shapes that pass between a Functions host and the programming model of `@azure/functions`, as far as this host
 * uses them (the model calls them `@azure/functions-core`).
 */

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none'

/** One trigger, input or output of a function; what else it holds depends on `type`. */
export interface Binding {
  type: string
  direction: 'in' | 'out'
  dataType?: 'string' | 'binary' | 'stream'
  [property: string]: unknown
}

/** A duration as the model hands it over, whole seconds. */
interface Duration {
  seconds: number
}

/** `maxRetryCount` -1 retries for ever. */
export interface RetryOptions {
  retryStrategy: 'fixedDelay' | 'exponentialBackoff'
  maxRetryCount: number
  delayInterval?: Duration
  minimumInterval?: Duration
  maximumInterval?: Duration
}

export interface FunctionMetadata {
  name: string
  functionId?: string
  bindings: Record<string, Binding>
  retryOptions?: RetryOptions
}

export interface TypedData {
  string?: string
  json?: string
  bytes?: Uint8Array
  int?: number
  double?: number
  http?: HttpRequestData | HttpResponseData
  collectionString?: { string: string[] }
  collectionBytes?: { bytes: Uint8Array[] }
  collectionSint64?: { sint64: { low: number; high: number; unsigned: boolean }[] }
}

export interface HttpRequestData {
  method: string
  url: string
  headers: Record<string, string>
  params: Record<string, string>
  query: Record<string, string>
  body?: TypedData
}

export interface HttpCookie {
  name: string
  value: string
  domain?: { value: string }
  path?: { value: string }
  expires?: { value: { seconds: number } }
  secure?: { value: boolean }
  httpOnly?: { value: boolean }
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone'
  maxAge?: { value: number }
}

export interface HttpResponseData {
  statusCode: string
  headers?: Record<string, string>
  cookies?: HttpCookie[]
  body?: TypedData | null
}

export interface RetryContext {
  retryCount: number
  maxRetryCount: number
  exception?: { message: string; stackTrace?: string; source?: string }
}

export interface TraceContext {
  traceParent: string
  traceState?: string
  attributes?: Record<string, string>
}

export interface InvocationRequest {
  invocationId: string
  functionId: string
  inputData: { name: string; data: TypedData }[]
  triggerMetadata: Record<string, TypedData>
  traceContext?: TraceContext
  retryContext?: RetryContext
}

export interface InvocationResponse {
  invocationId: string
  outputData?: { name: string; data: TypedData }[]
  returnValue?: TypedData | null
}

export type FunctionCallback = (...args: unknown[]) => unknown

/** What the model is told of the invocation that it shall run. */
export interface CoreInvocationContext {
  invocationId: string
  request: InvocationRequest
  metadata: FunctionMetadata
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined
  log(level: LogLevel, category: string, message: string): void
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>
}

export interface ProgrammingModel {
  name: string
  version: string
  getInvocationModel(context: CoreInvocationContext): InvocationModel
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>
}
