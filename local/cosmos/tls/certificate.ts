import { X509Certificate } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a TLS server shows and proves; both in PEM. */
export interface ServerCertificate {
  /** Also what clients are told to trust, when it is made here. */
  readonly cert: string
  readonly key: string
}

const validDays = 800
const day = 86_400_000

/** Where a certificate that is made here is kept in a data directory. */
export function certificatePath(dataDir: string): string {
  return join(dataDir, 'localhost.crt')
}

/**
 * A certificate for localhost that signs itself: the one in the directory while it is good for a day at least, else a new
 * one, which is kept there. Without a directory it lives as long as the process.
 */
export async function localCertificate(dataDir: string | undefined): Promise<ServerCertificate> {
  const kept = dataDir === undefined ? undefined : await keptCertificate(dataDir)
  if (kept !== undefined) return kept
  // Only who makes a certificate pays for loading the library.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + validDays * day),
    extensions: [
      // Some clients take a certificate for an authority only if it says so.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  const certificate = { cert: made.cert, key: made.private }
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true })
    await writeFile(certificatePath(dataDir), certificate.cert)
    await writeFile(keyPath(dataDir), certificate.key, { mode: 0o600 })
  }
  return certificate
}

function keyPath(dataDir: string): string {
  return join(dataDir, 'localhost.key')
}

async function keptCertificate(dataDir: string): Promise<ServerCertificate | undefined> {
  try {
    const cert = await readFile(certificatePath(dataDir), 'utf8')
    const key = await readFile(keyPath(dataDir), 'utf8')
    return Date.parse(new X509Certificate(cert).validTo) > Date.now() + day ? { cert, key } : undefined
  } catch {
    return undefined
  }
}
