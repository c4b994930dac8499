/** Azurite with the storage accounts of a template, each known by its host name, and taking tokens beside their keys. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPart } from '../cloud/part.ts'
import { root } from '../root.ts'
import type { Certificate } from './certificate.ts'

export interface Azurite {
  readonly port: number
  stop(): Promise<void>
}

/** @param folder where the certificate is put for it */
export async function startAzurite(
  accounts: readonly string[],
  { cert, key }: Certificate,
  folder: string,
  port: number,
): Promise<Azurite> {
  const [certFile, keyFile] = [join(folder, 'azurite.crt'), join(folder, 'azurite.key')]
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key, { mode: 0o600 })])
  const part = await startPart({
    title: 'Blob Storage (Azurite)',
    script: join(root, 'node_modules/azurite/dist/src/blob/main.js'),
    args: [
      ...['--blobHost', '127.0.0.1', '--blobPort', String(port)],
      ...['--disableTelemetry', '--skipApiVersionCheck', '--silent'],
      ...['--inMemoryPersistence', '--extentMemoryLimit', '512'],
      ...['--oauth', 'basic', '--cert', certFile, '--key', keyFile],
    ],
    // Nobody knows the keys: the front lets tokens through alone.
    env: {
      AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${randomBytes(64).toString('base64')}`).join(';'),
    },
    port,
  })
  return { port, stop: () => part.stop() }
}
