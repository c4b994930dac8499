/** What a client is told of an error (RFC 9457); the titles are the names of the statuses in RFC 9110 and 6585. */
import { expect, test } from 'vitest'
import { asProblem, conflict, invalid, notFound, ProblemError, unavailable } from './problem.ts'

test.each([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [409, 'Conflict'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [422, 'Unprocessable Content'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [418, 'Error'],
])('%i is called %s', (status, title) => {
  expect(new ProblemError(status, 'why').document()).toEqual({
    type: 'about:blank',
    title,
    status,
    detail: 'why',
  })
})

test('each kind of error has its status, its words, and what a client can do', () => {
  const errors = [{ pointer: '/name', detail: 'is missing' }]
  expect(invalid('no', errors).document()).toMatchObject({ status: 400, detail: 'no', errors })
  expect(invalid('no').document()).not.toHaveProperty('errors')
  expect(notFound('This order')).toMatchObject({ status: 404, message: 'This order does not exist.' })
  expect(conflict('busy')).toMatchObject({ status: 409, message: 'busy', name: 'ProblemError' })
  const away = new Error('of the database')
  expect(unavailable('The catalogue', away)).toMatchObject({
    status: 503,
    message: 'The catalogue does not answer at the moment.',
    retryAfter: 5,
    cause: away,
  })
  expect(Object.hasOwn(conflict('busy'), 'cause')).toBe(false)
})

test('an error that is not meant for clients is one of ours, which the log knows the cause of', () => {
  const error = new TypeError('secret')
  expect(asProblem(error)).toMatchObject({
    status: 500,
    message: 'Something went wrong on our side.',
    cause: error,
  })
  const known = conflict('busy')
  expect(asProblem(known)).toBe(known)
})
