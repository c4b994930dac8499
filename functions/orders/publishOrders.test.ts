/** The messages that tell of orders: the makeline knows an order by them, and a broker a repeat. */
import { beforeEach, expect, test, vi } from 'vitest'
import * as configuration from '../platform/config.ts'
import * as bus from '../platform/serviceBus.ts'
import { publishOrders } from './publishOrders.ts'

vi.mock('../platform/config.ts')
vi.mock('../platform/serviceBus.ts')
const send = vi.mocked(bus.send)
beforeEach(() => {
  vi.resetAllMocks()
  vi.mocked(configuration.config).mockReturnValue({ ordersQueue: 'line' } as configuration.Config)
})

test('a message is known by its order, and carries the trace that the order was placed in', async () => {
  await publishOrders([{ id: 'a', traceparent: '00-1' }, { id: 'b' }])
  const message = { subject: 'order.placed', contentType: 'application/json' }
  expect(send.mock.calls).toEqual([
    [
      'line',
      [
        {
          ...message,
          messageId: 'a',
          body: { orderId: 'a' },
          applicationProperties: { traceparent: '00-1' },
        },
        { ...message, messageId: 'b', body: { orderId: 'b' } },
      ],
    ],
  ])
})

// A send of the broker's takes 256 KB.
test.each([
  [0, []],
  [1, [1]],
  [100, [100]],
  [101, [100, 1]],
  [250, [100, 100, 50]],
])('%i orders go in sends of at most a hundred, each once and in their order', async (count, sizes) => {
  const ids = Array.from({ length: count }, (_, n) => `o${n}`)
  await publishOrders(ids.map((id) => ({ id })))
  const sent = send.mock.calls.map(([, messages]) => messages as unknown as { messageId: string }[])
  expect(sent.map(({ length }) => length)).toEqual(sizes)
  expect(sent.flat().map(({ messageId }) => messageId)).toEqual(ids)
})

test('what the broker does not take is told of', async () => {
  const away = new Error('away')
  send.mockRejectedValue(away)
  await expect(publishOrders([{ id: 'a' }])).rejects.toBe(away)
})
