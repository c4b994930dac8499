/** A receiver of OTLP in a process of its own, which keeps what comes and counts the spans when it is asked to. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface SpanCounter {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be. */
  url: string
  /** How many spans of each name have come. */
  count(): Promise<Record<string, number>>
  close(): void
}

export async function startSpanCounter(): Promise<SpanCounter> {
  const child = fork(fileURLToPath(import.meta.url))
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    async count() {
      child.send('count')
      const [counts] = (await once(child, 'message')) as [Record<string, number>]
      return counts
    },
    close: () => child.kill(),
  }
}

function receive() {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/v1/traces') bodies.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1', () =>
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  )
  process.once('disconnect', () => process.exit())
  // Read only now: while orders are placed, every bit of the processor is theirs.
  process.on('message', () => process.send?.(countByName(bodies)))
}

interface Traces {
  resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[]
}

function countByName(bodies: Buffer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const body of bodies)
    for (const { scopeSpans } of (JSON.parse(body.toString()) as Traces).resourceSpans)
      for (const { spans } of scopeSpans) for (const { name } of spans) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

if (import.meta.main) receive()
