import { InvocationContext } from '@azure/functions'
import { expect, test, vi } from 'vitest'

// FaaS conventions: `faas.init_duration` is how long the initialization of a function took.
test('an instance that waits an hour for its first call did not take an hour to start', async () => {
  for (const [name, value] of Object.entries({
    AUTH: 'swa',
    CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
    ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  }))
    vi.stubEnv(name, value)
  const { inTimer } = await import('./invocation.ts')
  const { counted } = await import('./metrics.ts')
  const started = performance.now()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(started + 3_600_000)
  const context = new InvocationContext({ functionName: 'countOrders', logHandler: () => {} })
  await inTimer(context, async () => {})
  await inTimer(context, async () => {})
  clock.mockRestore()
  const of = (metric: string) =>
    counted()
      .find(({ name }) => name === metric)
      ?.series.filter(({ value }) => value)
  const [initialised] = of('faas.init_duration') ?? []
  expect(initialised?.attributes).toEqual({ 'faas.trigger': 'timer' })
  expect(initialised?.value).toBeLessThanOrEqual(started / 1_000)
  // Once, however often it is called.
  expect(of('faas.coldstarts')).toEqual([{ attributes: { 'faas.trigger': 'timer' }, value: 1 }])
})
