/**
 * A stand-in for the ingestion endpoint of Application Insights: takes what Microsoft's exporter sends (POST /v2.1/track, JSON
 * over TLS) and keeps it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { certificatePath, localCertificate } from '../../local/service-bus/tls/certificate.ts'

/** An item as it is sent; `data.baseType` says what `data.baseData` is. */
export interface Envelope {
  name: string
  iKey: string
  tags: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at as it is.
  data: { baseType: string; baseData: any }
}

export interface Ingestion {
  readonly url: string
  /** A file with the certificate, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificate: string
  readonly envelopes: Envelope[]
  /** What came as proof of who sends. */
  readonly authorizations: Set<string>
  close(): Promise<void>
}

export async function startIngestion(): Promise<Ingestion> {
  const folder = await mkdtemp(join(tmpdir(), 'ingestion-'))
  const { cert, key } = await localCertificate(folder)
  const envelopes: Envelope[] = []
  const authorizations = new Set<string>()
  const server = createServer({ cert, key }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    if (request.url !== '/v2.1/track') {
      response.writeHead(404).end()
      return
    }
    const items = JSON.parse(
      (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString(),
    ) as Envelope[]
    envelopes.push(...items)
    authorizations.add(request.headers.authorization ?? '')
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    certificate: certificatePath(folder),
    envelopes,
    authorizations,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await rm(folder, { recursive: true })
    },
  }
}
