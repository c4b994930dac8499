/**
 * The order of test files: those that take longest first, so that no worker is left alone with one at the end. Vitest
 * knows how long files took the last time; on a fresh clone it goes by their sizes, which say nothing of these.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const slowFiles = [
  ...['tests/browser/webImage', 'tests/browser/console', 'tests/browser/store', 'tests/browser/adminOrders'],
  ...['tests/browser/adminProducts', 'tests/browser/storeTrouble', 'tests/browser/smallAndPrinted'],
  ...['tests/integration/start', 'tests/integration/orderStorm', 'tests/integration/dev'],
  ...['tests/integration/exactlyOnce', 'tests/integration/startFunc'],
  ...['tests/infra/rehearsal', 'tests/infra/rehearsalOnCluster', 'tests/infra/hooks', 'tests/infra/template'],
  ...['local/functions-host/malformed', 'local/service-bus/tests/durability', 'functions/ai/ai'],
  ...['functions/platform/cosmos', 'functions/analytics/analytics', 'local/service-bus/tests/longLived'],
  ...['local/functions-host/serviceBus/delivery', 'local/functions-host/watchFaults'],
]

export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const rank = slowFiles.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return rank < 0 ? slowFiles.length : rank
    }
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}
