/** Messages that cannot be processed, through the real triggers: where they end, and what an employee can do. */
import { ServiceBusClient } from '@azure/service-bus'
import { createAdminClient } from '@store/contract/admin-client'
import { ApiError } from '@store/contract/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { principalHeader } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { until } from '../harness/until.ts'

const queue = 'orders'
let cloud: LocalCloud
let bus: ServiceBusClient
let makeline: ReturnType<typeof createAdminClient>['makeline']

beforeAll(async () => {
  cloud = await ownCloud()
  bus = new ServiceBusClient(cloud.settings.ServiceBusConnection ?? '')
  makeline = createAdminClient({
    baseUrl: cloud.urls.api,
    headers: { 'x-ms-client-principal': principalHeader(['admin']) },
  }).makeline
})
afterAll(() => bus?.close())

const letter = (messageId: string) =>
  until(`${messageId} is dead-lettered`, async () =>
    (await makeline.deadLetters()).deadLetters.find((one) => one.messageId === messageId),
  )

test('a body that is no order is dead-lettered, comes back when resubmitted, and goes when discarded', async () => {
  await bus
    .createSender(queue)
    .sendMessages({ messageId: 'junk', body: Buffer.from('{"orderId": '), contentType: 'application/json' })
  const first = await letter('junk')
  expect(first).toMatchObject({ reason: 'InvalidMessage', orderId: null, deliveryCount: 1 })
  expect(await makeline.queue()).toEqual({ active: 0, scheduled: 0, deadLettered: 1 })

  await makeline.resubmit(first.sequenceNumber)
  const second = await until('it is dead-lettered again', async () => {
    const again = await letter('junk')
    return again.sequenceNumber !== first.sequenceNumber && again
  })
  await makeline.discard(second.sequenceNumber)
  expect((await makeline.deadLetters()).deadLetters).toEqual([])
  await expect(makeline.discard(second.sequenceNumber)).rejects.toThrow(ApiError)
})

test('what the broker gave up on is shown with the reason that it gave', async () => {
  await cloud.stopPart('host')
  await bus.createSender(queue).sendMessages({ messageId: 'worn', body: { orderId: 'x' } })
  const receiver = bus.createReceiver(queue)
  const [message] = await receiver.receiveMessages(1)
  if (!message) throw new Error('The message did not come')
  await receiver.deadLetterMessage(message, {
    deadLetterReason: 'WornOut',
    deadLetterErrorDescription: 'Handed out too often',
  })
  await receiver.close()
  await cloud.start('host')
  expect(await letter('worn')).toMatchObject({
    reason: 'WornOut',
    description: 'Handed out too often',
    orderId: 'x',
  })
})
