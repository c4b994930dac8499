import { ApiError } from '@store/contract/client'
import { expect, test } from 'vitest'
import { describeFailure } from './failure.ts'

const answered = (status: number, detail: string) =>
  new ApiError({ type: 'about:blank', title: 'Title', status, detail })

test('no answer is the network’s fault, an error of the server is the store’s', () => {
  expect(describeFailure(new TypeError('Failed to fetch'))).toMatchObject({ offline: true })
  expect(describeFailure(answered(503, 'ECONNREFUSED 10.0.0.4'))).toMatchObject({ offline: false })
})

test('a refusal is told in the API’s words, a breakdown never is', () => {
  expect(describeFailure(answered(409, 'The order is being packed.')).message).toBe(
    'The order is being packed.',
  )
  expect(describeFailure(answered(500, 'ECONNREFUSED 10.0.0.4')).message).not.toContain('ECONNREFUSED')
})

test('whoever asked too often is told when there is room again, if that is said', () => {
  const told = 'Too many orders; there is room again in 30 s.'
  expect(describeFailure(answered(429, told))).toMatchObject({ message: told, offline: false })
  const silent = new ApiError({ type: 'about:blank', title: 'Too Many Requests', status: 429 })
  expect(describeFailure(silent).message).toContain('try again')
})
