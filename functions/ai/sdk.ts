/**
 * The one file that knows the `openai` SDK; it is loaded on the first call and never before. The SDK gets every setting
 * from here, so that it takes none from the environment, where `OPENAI_LOG=debug`, for one, would write prompts to the log.
 */
import type { OpenAI } from 'openai'
import { fetchWithShortWaits } from './retryAfter.ts'

export type Client = OpenAI

/** Tries beyond the first, on time-outs, 408, 409, 429 and 5xx; the SDK waits between them as it is told, or 0.5 to 8 s. */
const options = {
  maxRetries: 2,
  logLevel: 'off',
  organization: null,
  project: null,
  adminAPIKey: null,
} as const

/** Two waits and three tries have to fit into the seconds that an answer may take. */
const patience = (timeout: number) => ({ fetch: fetchWithShortWaits(timeout / 4) })

/** A key, or what gives a token. */
type Credential = string | (() => Promise<string>)

/** A client of OpenAI's own protocol. `timeout`: seconds that an answer may take. */
export async function connect({
  timeout,
  organization = null,
  ...rest
}: {
  baseURL: string
  apiKey: Credential
  organization?: string | null
  timeout: number
}): Promise<Client> {
  const { OpenAI } = await import('openai')
  return new OpenAI({ ...options, ...patience(timeout), ...rest, organization })
}

/** A client of Azure's protocol with dated versions. */
export async function connectToAzure({
  timeout,
  credential,
  ...rest
}: {
  baseURL: string
  apiVersion: string
  credential: Credential
  timeout: number
}): Promise<Client> {
  const { AzureOpenAI } = await import('openai')
  return new AzureOpenAI({
    ...options,
    ...patience(timeout),
    ...rest,
    ...(typeof credential === 'string'
      ? { apiKey: credential }
      : { apiKey: undefined, azureADTokenProvider: credential }),
  })
}

/** What the provider answered instead of what was asked for. */
export interface Refusal {
  status?: number | undefined
  code?: string | null | undefined
  type?: string | undefined
  param?: string | null | undefined
  requestID?: string | null | undefined
  headers?: Headers | undefined
  error?: unknown
}

/** What an error of the SDK means: no answer in time, no connection, a refusal, an error of our own within; else null. */
export async function meaningOf(
  error: unknown,
): Promise<
  | { kind: 'slow' }
  | { kind: 'away'; error: Error }
  | { kind: 'refusal'; answer: Refusal }
  | { kind: 'ours'; cause: unknown }
  | null
> {
  const { APIError, APIConnectionError, APIConnectionTimeoutError, OpenAIError } = await import('openai')
  if (error instanceof APIConnectionTimeoutError) return { kind: 'slow' }
  if (error instanceof APIConnectionError) return { kind: 'away', error }
  if (error instanceof APIError) return { kind: 'refusal', answer: error }
  if (error instanceof OpenAIError) return { kind: 'ours', cause: error.cause }
  // The connection broke in the middle of an answer.
  if (error instanceof TypeError) return { kind: 'away', error }
  return null
}
