import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Tests that start the local cloud take seconds for each mutant: they are left out, and so is what only they see. */
const startsTheCloud = (file: string) =>
  /startDependencies|startBackingServices|build\.ts'/.test(readFileSync(file, 'utf8'))
const tests = globSync(`${process.env.MUTATE_FOLDER}/**/*.test.ts`).filter((file) => !startsTheCloud(file))

/** The contract's files by name: packages are linked to the repository, and mutants are in Stryker's copy of it. */
const { exports } = JSON.parse(readFileSync('contract/package.json', 'utf8')) as {
  exports: Record<string, string>
}
const alias = Object.entries(exports).map(([path, file]) => ({
  find: new RegExp(`^@store/contract${path.slice(1)}$`),
  replacement: resolve('contract', file),
}))

export default defineConfig({ test: { include: tests, alias, testTimeout: 60_000 } })
