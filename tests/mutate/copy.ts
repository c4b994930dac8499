import { cpSync, globSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Instrumenter } from '@stryker-mutator/instrumenter'

/** A small change of the code. */
export interface Change {
  id: string
  /** Below the root, with slashes. */
  fileName: string
  location: { start: { line: number; column: number }; end: { line: number; column: number } }
  mutatorName: string
  replacement: string
}

const folders = [
  'contract',
  'docs',
  'functions',
  'infra',
  'local',
  'tests',
  'web-ui',
  'web-store',
  'web-admin',
]
const files = ['host.json', 'local.settings.sample.json', 'package.json', 'tsconfig.json']
const left = /[/\\](node_modules|dist)$/

/** Copies the repository with all of Stryker's changes in the code, each to be switched on by its id. */
export async function copyWithChanges(root: string, to: string): Promise<Change[]> {
  rmSync(to, { recursive: true, force: true })
  for (const name of [...folders, ...files])
    cpSync(join(root, name), join(to, name), { recursive: true, filter: (from) => !left.test(from) })
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'), 'junction')
  const sources = globSync('{functions,contract}/**/*.ts', { cwd: to })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => !name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => ({ name, content: readFileSync(join(to, name), 'utf8'), mutate: true }))
  const changed = await new Instrumenter(silent).instrument(sources, {
    plugins: null,
    excludedMutations: [],
    ignorers: [],
    noHeader: false,
  })
  for (const { name, content } of changed.files) writeFileSync(join(to, name), content)
  return changed.mutants as Change[]
}

const never = () => false
const nothing = () => {}
const silent = {
  ...{ isTraceEnabled: never, isDebugEnabled: never, isInfoEnabled: never },
  ...{ isWarnEnabled: never, isErrorEnabled: never, isFatalEnabled: never },
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
}
