import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { contractAlias } from './contractAlias.ts'

/** Tests that start the local cloud take seconds for each mutant: they are left out, and so is what only they see. */
const startsTheCloud = (file: string) =>
  /startDependencies|startBackingServices|build\.ts'/.test(readFileSync(file, 'utf8'))
const tests = globSync(`${process.env.MUTATE_FOLDER}/**/*.test.ts`).filter((file) => !startsTheCloud(file))

// It runs in Stryker's copy.
const alias = contractAlias('.')

export default defineConfig({ test: { include: tests, alias, testTimeout: 60_000 } })
