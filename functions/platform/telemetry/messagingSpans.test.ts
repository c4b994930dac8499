import { expect, test } from 'vitest'
import { sendInSpan } from './messagingSpans.ts'
import { counted } from './metrics.ts'

const series = (metric: string) => counted().find(({ name }) => name === metric)?.series ?? []

// Conventions for messaging: what the producer tried to send is counted, with `error.type` if and only if that failed.
test('messages that could not be sent are counted as such', async () => {
  const message = { body: 'x' }
  await sendInSpan('orders', [message], async () => {})
  const failing = sendInSpan('orders', [message, message], async () => {
    throw Object.assign(new Error('away'), { code: 'ServiceTimeout' })
  })
  await expect(failing).rejects.toThrow('away')
  const labels = {
    'messaging.system.name': 'azure.servicebus',
    'messaging.destination.name': 'orders',
    'messaging.operation.name': 'send',
  }
  expect(series('messaging.client.sent.messages')).toEqual([
    { attributes: labels, value: 1 },
    { attributes: { ...labels, 'error.type': 'ServiceTimeout' }, value: 2 },
  ])
  expect(series('messaging.client.operation.duration').map(({ attributes }) => attributes)).toEqual([
    labels,
    { ...labels, 'error.type': 'ServiceTimeout' },
  ])
})
