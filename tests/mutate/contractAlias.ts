import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** The contract's files by name, in this copy of the repository: packages are linked to the repository itself. */
export function contractAlias(copy: string): { find: RegExp; replacement: string }[] {
  const { exports } = JSON.parse(readFileSync(resolve(copy, 'contract/package.json'), 'utf8')) as {
    exports: Record<string, string>
  }
  return Object.entries(exports).map(([path, file]) => ({
    find: new RegExp(`^@store/contract${path.slice(1)}$`),
    replacement: resolve(copy, 'contract', file),
  }))
}
