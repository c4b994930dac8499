import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { SlowFilesFirst } from './tests/harness/slowFilesFirst.ts'

/**
 * Four projects: `unit` beside the code, `infra` over what would be created in Azure and Kubernetes, `integration` over
 * the local cloud, `browser` over the local cloud with the web apps. Each of the latter two starts one local cloud for all
 * its files (`tests/harness/`). Deadlines are generous, because a loaded machine is no fault; no test waits longer than it
 * has to.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: SlowFilesFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        plugins: [vue()],
        test: {
          name: 'unit',
          include: ['{functions,contract,local,web-ui,web-store,web-admin}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/harness/integrationCloud.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'infra',
          include: ['{infra,tests/infra}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          globalSetup: 'tests/harness/browserCloud.ts',
        },
      },
    ],
  },
})
