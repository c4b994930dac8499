import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from '../root.ts'
import { packages } from './build.ts'

/** Loads a module and writes the packages that were loaded with it, and whether Node.js loaded what fetches. */
const probe = `
  const { registerHooks } = process.getBuiltinModule('node:module')
  const loaded = new Set()
  registerHooks({
    load(url, context, next) {
      loaded.add(/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1])
      return next(url, context)
    },
  })
  await import(process.argv[1])
  if (process.moduleLoadList.some((name) => name.includes('undici'))) loaded.add('undici')
  console.log(JSON.stringify([...loaded].filter(Boolean)))
`

// Each takes as long to load as all of a server's own files; who needs one of them loads it then.
const heavy = [
  'undici',
  'ws',
  'fast-xml-parser',
  'jose',
  'selfsigned',
  '@azure/service-bus',
  '@azure/storage-blob',
  '@azure/identity',
]

it.each(packages)('%s starts without what only some need', async (folder) => {
  const { href } = pathToFileURL(join(root, folder, 'index.ts'))
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', probe, href])
  const loaded = JSON.parse(stdout) as string[]
  expect(heavy.filter((name) => loaded.includes(name))).toEqual([])
})
