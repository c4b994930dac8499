/**
 * Keeps other sites out. The console listens on loopback, but any page that someone has open can send requests there:
 * by its address, or by a name that it lets point to 127.0.0.1.
 */
import type { IncomingMessage } from 'node:http'
import { targetOf } from './target.ts'

/** Why a request is refused; undefined when it may pass. `port`: on which the console listens. */
export function refusalOf(
  { headers, method, url }: Pick<IncomingMessage, 'headers' | 'method' | 'url'>,
  port: number,
): string | undefined {
  const hosts = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`)
  if (!hosts.includes(headers.host ?? '')) return 'This is not the address of the console.'
  const { origin, 'sec-fetch-site': from = 'none' } = headers
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    return 'Other sites may not ask this.'
  // The page itself may be linked to, also from the store; what it asks for may not be asked for by others.
  const isPage = method === 'GET' && !/^\/(api|v1)\//.test(targetOf({ url }).path)
  if (!isPage && from !== 'none' && from !== 'same-origin') return 'Other sites may not ask this.'
  return undefined
}
