import type { IncomingMessage } from 'node:http'

/**
 * What a request asks for, as it stands in the request line. A parser of URLs would take `//x/api/live` for the path
 * `/api/live` of another host, and throws at `//`.
 */
export function targetOf({ url = '/' }: Pick<IncomingMessage, 'url'>): {
  path: string
  query: URLSearchParams
} {
  const [path = '', ...rest] = url.split('?')
  return { path, query: new URLSearchParams(rest.join('?')) }
}
