/**
 * Function keys, in files of the real host's form: `host.json` with the master key and the keys of all functions, and
 * `FUNCTION.json` with the keys of one. Checked only where the host is started with `enableAuth`.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { HostFunction } from '../functions.ts'

interface Key {
  name: string
  value: string
  encrypted?: boolean
}

interface HostKeys {
  masterKey: Key
  functionKeys: Key[]
  systemKeys: Key[]
}

export interface FunctionKeys {
  /** Whether a request may call a function, by the function's `authLevel`. */
  allow(fn: HostFunction, request: IncomingMessage, url: URL): boolean
  /** Whether a request carries the master key. */
  isMaster(request: IncomingMessage, url: URL): boolean
  masterKey: string
  /** The key that opens every function of level `function`. */
  defaultKey: string
}

/** Reads the keys in `folder`, making what is missing. */
export async function loadKeys(folder: string, functions: HostFunction[]): Promise<FunctionKeys> {
  await mkdir(folder, { recursive: true })
  const host = await readOrCreate<HostKeys>(join(folder, 'host.json'), () => ({
    masterKey: newKey('master'),
    functionKeys: [newKey('default')],
    systemKeys: [],
  }))
  const ofFunction = new Map<string, string[]>()
  for (const fn of functions) {
    const file = join(folder, `${fn.name.toLowerCase()}.json`)
    const { keys } = await readIfThere<{ keys: Key[] }>(file, { keys: [] })
    ofFunction.set(
      fn.name,
      keys.map(({ value }) => value),
    )
  }
  const master = host.masterKey.value
  const hostKeys = host.functionKeys.map(({ value }) => value)

  return {
    masterKey: master,
    defaultKey: hostKeys[0] ?? master,
    isMaster: (request, url) => equals(presented(request, url), [master]),
    allow(fn, request, url) {
      const level = String(fn.trigger.authLevel ?? 'anonymous').toLowerCase()
      if (level === 'anonymous') return true
      const key = presented(request, url)
      if (level === 'admin') return equals(key, [master])
      return equals(key, [master, ...hostKeys, ...(ofFunction.get(fn.name) ?? [])])
    },
  }
}

function presented(request: IncomingMessage, url: URL): string | undefined {
  const header = request.headers['x-functions-key']
  return (typeof header === 'string' ? header : undefined) ?? url.searchParams.get('code') ?? undefined
}

function equals(given: string | undefined, valid: string[]): boolean {
  if (!given) return false
  const bytes = Buffer.from(given)
  return valid.some((key) => {
    const expected = Buffer.from(key)
    return expected.length === bytes.length && timingSafeEqual(expected, bytes)
  })
}

function newKey(name: string): Key {
  return { name, value: randomBytes(40).toString('base64url'), encrypted: false }
}

async function readOrCreate<T>(file: string, create: () => T): Promise<T> {
  const known = await readIfThere<T | undefined>(file, undefined)
  if (known !== undefined) return known
  const made = create()
  await writeFile(file, JSON.stringify(made, null, 2), { mode: 0o600 })
  return made
}

async function readIfThere<T>(file: string, otherwise: T): Promise<T> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise
    throw error
  }
}
