import { createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type Access, anyOf, Credentials, type Right } from './access.ts'
import { entraAccess } from './entra.ts'
import { sharedAccess, signatureFor } from './sharedAccess.ts'

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

async function may(access: Access, tokens: string | string[], entity: string, right: Right, at = now) {
  const credentials = new Credentials(access)
  for (const each of [tokens].flat()) await credentials.add(each, 'audience', now)
  return credentials.allow(entity, right, at)
}

it.each([
  ['rejects', async () => Promise.reject(new Error('no keys'))],
  [
    'throws',
    () => {
      throw new Error('no keys')
    },
  ],
])('takes an access that %s for a refusal', async (_, authorize) => {
  const credentials = new Credentials({ authorize, allows: () => true })
  expect(await credentials.add('token', '', now)).toEqual({ refused: expect.stringContaining('no keys') })
  expect(credentials.allow('orders', 'Send', now)).toBe(false)
})

describe('the tokens of one connection', () => {
  it('are so many, of which each may be renewed, until some expire', () => {
    const credentials = new Credentials(sharedAccess([key]))
    const short = token('sb://localhost/', { expires: now / 1000 + 1 })
    const add = (audience: string, at = now) => credentials.add(short, audience, at)
    for (let i = 0; i < 10_000; i++) expect(add(`queue-${i}`)).toBeUndefined()
    expect(add('one more')).toEqual({ refused: 'A connection may hold 10000 tokens at a time.' })
    expect(add('queue-7')).toBeUndefined()
    expect(credentials.allow('orders', 'Send', now)).toBe(true)
    const later = now + 2000
    expect(credentials.add(token('sb://localhost/'), 'one more', later)).toBeUndefined()
  })

  it('have audiences of a bounded length', () => {
    const credentials = new Credentials(sharedAccess([key]))
    const refused = 'The audience of a token has at most 1024 characters.'
    expect(credentials.add(token('sb://localhost/'), 'x'.repeat(1025), now)).toEqual({ refused })
  })
})

describe('shared access signatures', () => {
  const access = sharedAccess([key, { name: 'reader', key: 'r', rights: ['Listen'] }])

  it('hold for their own path and what is below it', async () => {
    const orders = token('sb://localhost/orders')
    expect(await may(access, orders, 'orders', 'Send')).toBe(true)
    expect(await may(access, orders, 'Orders/$management', 'Listen')).toBe(true)
    expect(await may(access, orders, 'orders2', 'Send')).toBe(false)
    expect(await may(access, orders, 'other', 'Send')).toBe(false)
    expect(await may(access, [orders, token('sb://localhost/')], 'other', 'Manage')).toBe(true)
  })

  it('grant the rights of their key', async () => {
    const reader = token('sb://localhost/', { name: 'reader', secret: 'r' })
    expect(await may(access, reader, 'orders', 'Listen')).toBe(true)
    expect(await may(access, reader, 'orders', 'Send')).toBe(false)
    expect(await may(access, reader, 'orders', 'Manage')).toBe(false)
  })

  it('end with their token', async () => {
    expect(await may(access, token('sb://localhost/orders'), 'orders', 'Send', now + 60_000)).toBe(false)
  })

  it.each([
    ['with another key', token('sb://localhost/', { secret: 'guess' }), /invalid signature/],
    ['under another name', token('sb://localhost/', { name: 'someone' }), /no key named 'someone'/],
    ['that has expired', token('sb://localhost/', { expires: now / 1000 - 1 }), /expired/],
    ['that is no signature', 'Bearer x', /not a shared access signature/],
    ['that is empty', '', /not a shared access signature/],
  ])('come from no token %s', async (_, bad, why) => {
    expect(await access.authorize(bad, now)).toEqual({ refused: expect.stringMatching(why) })
  })

  it('need not be URL-encoded', async () => {
    const raw = token('sb://localhost/orders').replace(/sig=[^&]*/, (sig) => decodeURIComponent(sig))
    expect(await may(access, raw, 'orders', 'Send')).toBe(true)
  })

  it('can be made from the key, as for SASL PLAIN', async () => {
    expect(await may(access, signatureFor(key, now + 1000), 'anything', 'Manage')).toBe(true)
    expect(await may(access, signatureFor({ ...key, key: 'x' }, now + 1000), 'anything', 'Send')).toBe(false)
  })
})

describe('tokens of Entra', () => {
  async function authority() {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] }
    const issue = (claims: Record<string, unknown> = {}, expires = now / 1000 + 60) =>
      new SignJWT({ aud: 'https://servicebus.azure.net', oid: 'app', iss: 'https://issuer', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setExpirationTime(expires)
        .sign(privateKey)
    return { keys, issue }
  }

  it('prove an identity, and role assignments say what it may do', async () => {
    const { keys, issue } = await authority()
    const access = anyOf([
      entraAccess({
        keys,
        issuer: 'https://issuer',
        isAllowed: (claims, entity, right) =>
          claims.oid === 'app' && entity.startsWith('orders') && right === 'Send',
      }),
      sharedAccess([key]),
    ])
    expect(await may(access, await issue(), 'orders', 'Send')).toBe(true)
    expect(await may(access, await issue(), 'orders', 'Listen')).toBe(false)
    expect(await may(access, await issue(), 'returns', 'Send')).toBe(false)
    expect(await may(access, await issue({ oid: 'another' }), 'orders', 'Send')).toBe(false)
    expect(await may(access, token('sb://localhost/'), 'returns', 'Listen')).toBe(true)
  })

  it.each([
    [
      'another audience',
      { aud: 'https://storage.azure.com' },
      undefined,
      /^InvalidAudience: Invalid authorization token audience. It is for 'https:\/\/storage.azure.com'/,
    ],
    ['another issuer', { iss: 'https://elsewhere' }, undefined, /^InvalidIssuer: .*'https:\/\/elsewhere'/],
    [
      'an end that has passed',
      {},
      now / 1000 - 3600,
      /^ExpiredToken: The token is expired. Expiration time: '2001-09-09 00:46:40Z'; here it is '2001-09-09 01:46:40Z'/,
    ],
    [
      'a beginning that is to come',
      { nbf: now / 1000 + 3600 },
      now / 1000 + 7200,
      /^InvalidToken: The token is good from '2001-09-09 02:46:40Z' on, and here it is '2001-09-09 01:46:40Z'/,
    ],
  ])('are refused with %s', async (_, claims, expires, why) => {
    const { keys, issue } = await authority()
    const access = entraAccess({ keys, issuer: 'https://issuer' })
    expect(await access.authorize(await issue(claims, expires), now)).toEqual({
      refused: expect.stringMatching(why),
    })
  })

  it('are refused when another authority has signed them', async () => {
    const [ours, theirs] = [await authority(), await authority()]
    const access = entraAccess({ keys: ours.keys })
    expect(await access.authorize(await theirs.issue(), now)).toEqual({
      refused: 'InvalidSignature: The token has an invalid signature.',
    })
    expect(await access.authorize(await ours.issue(), now)).toMatchObject({ name: 'app' })
  })
})
