import type { ServiceBusClient, ServiceBusReceiver, ServiceBusSessionReceiver } from '@azure/service-bus'
import { HostStartError } from '../errors.ts'
import type { HostFunction } from '../functions.ts'
import { resolveSettings, type Settings } from '../settings.ts'

/** Where a function's messages come from: a queue, or a subscription of a topic. */
export interface Source {
  path: string
  receiver(client: ServiceBusClient, options: { maxAutoLockRenewalDurationInMs: number }): ServiceBusReceiver
  session(
    client: ServiceBusClient,
    options: { maxAutoLockRenewalDurationInMs: number },
  ): Promise<ServiceBusSessionReceiver>
}

/** @throws {HostStartError} when the trigger names neither, or by a setting that is not there. */
export function resolveSource(fn: HostFunction, settings: Settings): Source {
  const name = (property: string) =>
    resolveSettings(String(fn.trigger[property]), settings, `Function "${fn.name}", ${property}`)
  if (fn.trigger.queueName !== undefined) {
    const queue = name('queueName')
    return {
      path: queue,
      receiver: (client, options) => client.createReceiver(queue, options),
      session: (client, options) => client.acceptNextSession(queue, options),
    }
  }
  if (fn.trigger.topicName === undefined || fn.trigger.subscriptionName === undefined) {
    throw new HostStartError(
      `Function "${fn.name}" names neither a queue (queueName) nor a subscription (topicName and subscriptionName).`,
    )
  }
  const [topic, subscription] = [name('topicName'), name('subscriptionName')]
  return {
    path: `${topic}/Subscriptions/${subscription}`,
    receiver: (client, options) => client.createReceiver(topic, subscription, options),
    session: (client, options) => client.acceptNextSession(topic, subscription, options),
  }
}
