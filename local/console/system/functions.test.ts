/** The console's word with a Functions host that does as the test says. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type FunctionState, HostReader } from './functions.ts'

/** A host with one timer; `run` is what a run makes of its state. */
async function hostWith(
  state: Partial<FunctionState>,
  run: (state: Partial<FunctionState>) => void = () => {},
) {
  const timer = { name: 'tidy', trigger: 'timerTrigger', invocations: 3, failures: 1, last: 9, ...state }
  const server = createServer((request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify([timer]))
    response.writeHead(202).end()
    // As the host does, which answers before the function has run.
    setTimeout(run, 150, timer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return new HostReader(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

test('a run is told of when it has ended, with how it went', async () => {
  const good = await hostWith({}, (timer) => Object.assign(timer, { invocations: 4, last: 120 }))
  expect(await good.run('tidy')).toEqual({ isFailed: false, milliseconds: 120 })
  const bad = await hostWith({}, (timer) => Object.assign(timer, { invocations: 4, failures: 2, last: 5 }))
  expect(await bad.run('tidy')).toEqual({ isFailed: true, milliseconds: 5 })
})

test('what is no timer, one that is disabled, and a host that is away are refused', async () => {
  await expect((await hostWith({})).run('placeOrder')).rejects.toMatchObject({ status: 404 })
  await expect((await hostWith({ trigger: 'httpTrigger' })).run('tidy')).rejects.toMatchObject({
    status: 404,
  })
  await expect((await hostWith({ isDisabled: true })).run('tidy')).rejects.toMatchObject({ status: 409 })
  await expect(new HostReader('http://127.0.0.1:1').run('tidy')).rejects.toMatchObject({ status: 503 })
})
