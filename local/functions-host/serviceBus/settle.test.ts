import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import { expect, it } from 'vitest'
import { createSettler } from './settle.ts'

it('never has a message completed while another is abandoned, however many of a kind come in a row', async () => {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const begin = (what: string) => (message: { body: string }) => {
    begun.push(`${what} ${message.body}`)
    return new Promise<void>((resolve) => ends.push(resolve))
  }
  const receiver = { completeMessage: begin('complete'), abandonMessage: begin('abandon') }
  const settle = createSettler(receiver as unknown as ServiceBusReceiver)
  const message = (body: string) => ({ body }) as ServiceBusReceivedMessage
  const done = [
    settle(message('a'), 'complete'),
    settle(message('b'), 'abandon'),
    settle(message('c'), 'abandon'),
    settle(message('d'), 'complete'),
    settle(message('e'), 'complete'),
  ]
  const steps: string[][] = []
  for (let settled = 0; settled < done.length; ) {
    // What may begin has begun once the microtasks are through.
    await new Promise((resolve) => setImmediate(resolve))
    steps.push(begun.splice(0))
    settled += ends.length
    for (const end of ends.splice(0)) end()
  }
  await Promise.all(done)
  expect(steps).toEqual([['complete a'], ['abandon b', 'abandon c'], ['complete d', 'complete e']])
})
