import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'

/**
 * How long a batch is gathered once it has a message, in milliseconds: as in the receiver of .NET that the real host
 * uses. (The one for JavaScript waits a second, unless it is told how long to wait in all.)
 */
const gathering = 20

/**
 * At most `count` messages: waits `wait` milliseconds for the first, then only for what is there with it. When `stopping`
 * aborts, it waits for no more, but answers what the broker has already handed out.
 */
export async function receiveSome(
  receiver: ServiceBusReceiver,
  count: number,
  wait: number,
  stopping: AbortSignal,
): Promise<ServiceBusReceivedMessage[]> {
  let first: ServiceBusReceivedMessage[]
  try {
    first = await receiver.receiveMessages(1, { maxWaitTimeInMs: wait, abortSignal: stopping })
  } catch (error) {
    if (!stopping.aborted) throw error
    // A message may be on its way for the receive that was broken off. Left there, it would stay locked; the next
    // receive takes it, for it ends with what the broker sent before it learnt that no more is wanted.
    first = await receiver.receiveMessages(1, { maxWaitTimeInMs: 1 })
  }
  if (first.length === 0 || count === 1 || stopping.aborted) return first
  // Not to be broken off, which would drop what it has gathered.
  const more = receiver.receiveMessages(count - 1, { maxWaitTimeInMs: Math.min(gathering, wait) })
  // Whatever keeps others from coming, the message at hand is to be dealt with.
  return [...first, ...(await more.catch(() => []))]
}
