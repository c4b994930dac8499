import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Claims } from './claims.ts'

const key = { name: 'root', key: 'secret' }
const now = 1_000_000_000_000

function token(
  resource: string,
  { secret = key.key, name = key.name, expires = now / 1000 + 60 } = {},
): string {
  const sr = encodeURIComponent(resource)
  const sig = createHmac('sha256', secret).update(`${sr}\n${expires}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${expires}&skn=${name}`
}

describe('claims', () => {
  it('cover their own path and what is below it', () => {
    const claims = new Claims(key)
    expect(claims.add(token('sb://localhost/orders'), now)).toBe(true)
    expect(claims.cover('orders', now)).toBe(true)
    expect(claims.cover('Orders/$management', now)).toBe(true)
    expect(claims.cover('orders2', now)).toBe(false)
    expect(claims.cover('other', now)).toBe(false)
    claims.add(token('sb://localhost/'), now)
    expect(claims.cover('other', now)).toBe(true)
  })

  it('end with their token', () => {
    const claims = new Claims(key)
    claims.add(token('sb://localhost/orders'), now)
    expect(claims.cover('orders', now + 60_000)).toBe(false)
  })

  it.each([
    ['with another key', token('sb://localhost/', { secret: 'guess' })],
    ['under another name', token('sb://localhost/', { name: 'someone' })],
    ['that has expired', token('sb://localhost/', { expires: now / 1000 - 1 })],
    ['that is no signature', 'Bearer x'],
    ['that is empty', ''],
  ])('come from no token %s', (_, bad) => {
    expect(new Claims(key).add(bad, now)).toBe(false)
  })

  it('accept a signature that is not URL-encoded', () => {
    const raw = token('sb://localhost/orders').replace(/sig=[^&]*/, (sig) => decodeURIComponent(sig))
    expect(new Claims(key).add(raw, now)).toBe(true)
  })
})
