import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('both servers make certificates in the same way: packages that stand alone cannot share a file', async () => {
  const file = (name: string) =>
    readFile(join(import.meta.dirname, '..', '..', name, 'tls/certificate.ts'), 'utf8')
  expect(await file('cosmos')).toBe(await file('service-bus'))
})
