/** Where a process's connections go, and what is told of those that go nowhere. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificateFor } from './certificate.ts'
import { redirectToFront } from './redirect.ts'

const told: unknown[][] = []
let folder: string
let end: () => void

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redirect-'))
  const certificate = join(folder, 'certificate')
  await writeFile(certificate, (await certificateFor(['known.example'])).cert)
  end = redirectToFront({ ports: { 443: 1 }, hosts: ['known.example'], certificate }, (...what) =>
    told.push(what),
  )
})
afterAll(async () => {
  end?.()
  await rm(folder, { recursive: true, force: true })
})

test.each([
  ['a host that there is not', 'https://unknown.example/', ['unknown.example', undefined]],
  ['a port of a host that has nothing there', 'http://known.example/', ['known.example', 80]],
])('%s is looked up in vain, and told', async (_what, url, expected) => {
  await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } })
  expect(told.at(-1)).toEqual(expected)
})
