/** Runs a function for the messages of a queue or a subscription: one by one, in batches, or session by session. */
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSessionReceiver,
} from '@azure/service-bus'
import type { HostFunction } from '../functions.ts'
import type { ServiceBusConfig } from '../hostConfig.ts'
import { describe, type Invoker, type Trigger } from '../invoke.ts'
import type { Logger } from '../log.ts'
import type { Settings } from '../settings.ts'
import type { ServiceBusClients } from './connection.ts'
import { BindingError, batchData, batchMetadata, messageData, messageMetadata } from './message.ts'
import { receiveSome } from './receiveSome.ts'
import { createSettler } from './settle.ts'
import { resolveSource } from './source.ts'

export interface RunningReceiver {
  /** Stops receiving; resolves when the messages at hand are settled. */
  stop(): Promise<void>
}

/**
 * A Service Bus trigger, ready to start.
 * @throws {HostStartError} when the connection or the name of the queue cannot be resolved.
 */
export function createServiceBusTrigger(
  fn: HostFunction,
  {
    invoke,
    logger,
    settings,
    clients,
    config,
  }: {
    invoke: Invoker['invoke']
    logger: Logger
    settings: Settings
    clients: ServiceBusClients
    config: ServiceBusConfig
  },
): { start(): Promise<RunningReceiver> } {
  const { trigger } = fn
  const source = resolveSource(fn, settings)
  const connection = String(trigger.connection ?? '')
  clients.check(connection, fn.name)
  const many = String(trigger.cardinality ?? 'one').toLowerCase() === 'many'
  const complete =
    typeof trigger.autoCompleteMessages === 'boolean'
      ? trigger.autoCompleteMessages
      : config.autoCompleteMessages
  const receiveOptions = {
    maxAutoLockRenewalDurationInMs: config.maxAutoLockRenewalDuration,
    // Bodies go to the function as the sender wrote them.
    skipParsingBodyAsJson: true,
  }
  const category = 'Host.Triggers.ServiceBus'
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()

  function track(work: Promise<void>): Promise<void> {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }

  async function handle(
    messages: ServiceBusReceivedMessage[],
    settle: ReturnType<typeof createSettler>,
  ): Promise<void> {
    let outcome: 'complete' | 'abandon' = 'complete'
    try {
      await invoke(fn, toTrigger(messages))
    } catch (error) {
      outcome = 'abandon'
      if (error instanceof BindingError) logger.write('error', category, `${fn.name}: ${error.message}`)
    }
    // Without auto-complete a message that was not settled by the function waits for its lock to end.
    if (outcome === 'complete' && !complete) return
    await Promise.all(
      messages.map((message) =>
        settle(message, outcome).catch((error: unknown) => {
          logger.write(
            'warning',
            category,
            `${fn.name}: could not ${outcome} message ${message.messageId}: ${describe(error)}`,
          )
        }),
      ),
    )
  }

  function toTrigger(messages: ServiceBusReceivedMessage[]): Trigger {
    const [first] = messages
    const reason = many
      ? `(${messages.length} new ServiceBus messages detected on '${source.path}'.)`
      : `(new ServiceBus message detected on '${source.path}'.)`
    if (many || !first) {
      return { data: batchData(messages, trigger), metadata: batchMetadata(messages), reason }
    }
    const traceParent = first.applicationProperties?.['Diagnostic-Id']
    return {
      data: messageData(first, trigger),
      metadata: messageMetadata(first, trigger),
      reason,
      ...(typeof traceParent === 'string' && { traceContext: { traceParent } }),
    }
  }

  /** Messages one by one, as many at once as `concurrency` allows. Resolves when receiving has stopped. */
  function receiveSingly(receiver: ServiceBusReceiver, concurrency: number): () => Promise<void> {
    const settle = createSettler(receiver)
    const subscription = receiver.subscribe(
      {
        processMessage: (message) => track(handle([message], settle)),
        processError: async ({ error }) => reportFault(error),
      },
      { autoCompleteMessages: false, maxConcurrentCalls: concurrency },
    )
    return () => subscription.close()
  }

  async function receiveBatches(receiver: ServiceBusReceiver, until: AbortSignal): Promise<void> {
    const settle = createSettler(receiver)
    while (!until.aborted) {
      const messages = await receiveBatch(receiver, until)
      if (messages.length > 0) await track(handle(messages, settle))
    }
  }

  async function receiveBatch(
    receiver: ServiceBusReceiver,
    until: AbortSignal,
  ): Promise<ServiceBusReceivedMessage[]> {
    const receive = async (count: number, wait: number) => {
      try {
        return await receiveSome(receiver, count, wait, until)
      } catch (error) {
        if (!until.aborted) {
          reportFault(error)
          await delay(1_000, until)
        }
        return []
      }
    }
    const messages = await receive(config.maxMessageBatchSize, 60_000)
    const deadline = Date.now() + config.maxBatchWaitTime
    while (messages.length > 0 && messages.length < config.minMessageBatchSize && !until.aborted) {
      const left = deadline - Date.now()
      if (left <= 0) break
      messages.push(...(await receive(config.maxMessageBatchSize - messages.length, left)))
    }
    return messages
  }

  /** One of the workers that take sessions in turn, each until it has been idle for a while. */
  async function receiveSessions(client: ServiceBusClient): Promise<void> {
    while (!stopping.signal.aborted) {
      let receiver: ServiceBusSessionReceiver
      try {
        receiver = await source.session(client, receiveOptions)
      } catch (error) {
        // No session has messages: that is not a fault.
        if ((error as { code?: string }).code !== 'ServiceTimeout') {
          if (stopping.signal.aborted) return
          reportFault(error)
          await delay(1_000, stopping.signal)
        }
        continue
      }
      if (stopping.signal.aborted) {
        await receiver.close()
        return
      }
      await track(receiveSession(receiver))
      await receiver.close().catch(() => {})
    }
  }

  async function receiveSession(receiver: ServiceBusSessionReceiver): Promise<void> {
    const settle = createSettler(receiver)
    const size = many ? config.maxMessageBatchSize : 1
    while (!stopping.signal.aborted) {
      let messages: ServiceBusReceivedMessage[]
      try {
        messages = await receiveSome(receiver, size, config.sessionIdleTimeout, stopping.signal)
      } catch (error) {
        if (!stopping.signal.aborted && (error as { code?: string }).code !== 'SessionLockLost')
          reportFault(error)
        return
      }
      if (messages.length === 0) return
      await track(handle(messages, settle))
    }
  }

  let lastFault = ''
  function reportFault(error: unknown) {
    // A broker that is away is reported once, not at every attempt to come back to it.
    const text = error instanceof Error ? error.message : String(error)
    if (stopping.signal.aborted || text === lastFault) return
    lastFault = text
    logger.write('error', category, `${fn.name}: ${text}`)
  }

  return {
    async start() {
      const client = await clients.open(connection)
      const loops: Promise<void>[] = []
      let stopReceiving: () => Promise<unknown> = async () => {}
      let receiver: ServiceBusReceiver | undefined
      if (trigger.isSessionsEnabled === true) {
        for (let index = 0; index < config.maxConcurrentSessions; index++) loops.push(receiveSessions(client))
      } else {
        receiver = source.receiver(client, receiveOptions)
        if (many) loops.push(receiveBatches(receiver, stopping.signal))
        else stopReceiving = receiveSingly(receiver, config.maxConcurrentCalls)
      }
      return {
        async stop() {
          stopping.abort()
          await stopReceiving()
          while (underWay.size > 0) await Promise.all(underWay)
          // A worker that waits for a session cannot be interrupted; it ends with the client.
          if (receiver) await Promise.all(loops)
          await receiver?.close()
        },
      }
    },
  }
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
