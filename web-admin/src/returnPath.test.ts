import { expect, test } from 'vitest'
import { returnPath } from './returnPath.ts'

const origin = 'https://admin.example'

test.each(['/orders', '/orders?state=pending&q=a%2Fb', '/product/3#form', '/'])(
  '%s is a way back',
  (path) => {
    expect(returnPath(path, origin)).toBe(path)
  },
)

test.each([
  '',
  'orders',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  'javascript:alert(1)',
])('%j is none', (path) => {
  expect(returnPath(path, origin)).toBeNull()
})
