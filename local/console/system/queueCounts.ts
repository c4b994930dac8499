/**
 * How many messages each queue holds, from the broker's administration API. The SDK's client for it speaks HTTPS alone, for
 * which the local broker has no certificate; the service's documented REST interface is the same without it.
 */
import { createHmac } from 'node:crypto'

export interface QueueCounts {
  name: string
  active: number
  scheduled: number
  deadLetters: number
}

/** `connection`: a connection string, for its key. @throws {Error} when the broker does not answer. */
export async function countQueues(connection: string, port: string): Promise<QueueCounts[]> {
  const address = `http://localhost:${port}/`
  const answer = await fetch(`${address}$Resources/Queues?api-version=2021-05`, {
    headers: { authorization: tokenFor(address, connection) },
    signal: AbortSignal.timeout(5_000),
  })
  if (!answer.ok) throw new Error(`The broker's administration answered ${answer.status}.`)
  const entries = (await answer.text()).split(/<entry[ >]/).slice(1)
  return entries.map((entry) => ({
    name: /<title[^>]*>([^<]+)</.exec(entry)?.[1] ?? '',
    active: numberIn(entry, 'ActiveMessageCount'),
    scheduled: numberIn(entry, 'ScheduledMessageCount'),
    deadLetters: numberIn(entry, 'DeadLetterMessageCount'),
  }))
}

const numberIn = (xml: string, element: string) =>
  Number(new RegExp(`:${element}>(\\d+)<`).exec(xml)?.[1] ?? 0)

/** A shared access signature for a minute. */
function tokenFor(resource: string, connection: string): string {
  const part = (name: string) => new RegExp(`(?:^|;)${name}=([^;]+)`).exec(connection)?.[1] ?? ''
  const sr = encodeURIComponent(resource)
  const se = Math.floor(Date.now() / 1000) + 60
  const sig = createHmac('sha256', part('SharedAccessKey')).update(`${sr}\n${se}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}&skn=${part('SharedAccessKeyName')}`
}
