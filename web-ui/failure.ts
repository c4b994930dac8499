import { ApiError } from '@store/contract/client'

export interface Failure {
  title: string
  message: string
  /** No answer came at all: the network, not the store, is at fault. */
  offline: boolean
}

/** Says in a visitor's words what went wrong with a call to the API. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof ApiError)) {
    return {
      title: 'No connection',
      message: 'We could not reach the store. Check your connection and try again.',
      offline: true,
    }
  }
  if (error.status === 404) return { title: 'Not found', message: error.message, offline: false }
  if (error.status === 429 && error.problem.detail) {
    return { title: 'Rough seas', message: error.problem.detail, offline: false }
  }
  if (error.status === 429 || error.status >= 500) {
    return {
      title: 'Rough seas',
      message: 'The store is not answering right now. Please try again in a moment.',
      offline: false,
    }
  }
  return { title: error.problem.title, message: error.message, offline: false }
}
