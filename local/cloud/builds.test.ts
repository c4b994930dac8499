import { expect, test } from 'vitest'
import { stampOf } from './builds.ts'

test('a web app of another name or currency is another build; the API is not built for one', async () => {
  const stamps = async (name: Parameters<typeof stampOf>[0]) =>
    new Set(
      await Promise.all(
        [{}, { VITE_STORE_NAME: 'Fabrikam' }, { VITE_STORE_CURRENCY: 'EUR' }, { STORE_CURRENCY: 'EUR' }].map(
          (env) => stampOf(name, env),
        ),
      ),
    )
  expect((await stamps('web-store')).size).toBe(4)
  expect((await stamps('web-admin')).size).toBe(4)
  expect((await stamps('functions')).size).toBe(1)
})
