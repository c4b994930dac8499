/** What a deployment does with an app's package: puts it into the app's container; the platform fetches it as the app. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import AdmZip from 'adm-zip'
import { stageFunctions } from '../../infra/package.ts'
import type { Azure } from './azure.ts'
import { storageAudience } from './blobs.ts'
import type { App, Identity } from './deployment.ts'

/** The package that all apps share, as `azd` uploads it. */
export async function buildPackage(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  try {
    await stageFunctions(folder)
    const zip = new AdmZip()
    zip.addLocalFolder(folder)
    return zip.toBuffer()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const blobOf = (app: App) => `${app.package?.url}/released-package.zip`

/** Makes every container of the template, and uploads the package for each app: both as whoever deploys. */
export async function deploy(azure: Azure, content: Buffer): Promise<void> {
  const { deployment } = azure
  const containers = deployment.storage.flatMap(({ host, containers }) =>
    containers.map((name) => `https://${host}/${name}?restype=container`),
  )
  await Promise.all(containers.map((url) => put(azure, url)))
  const uploaded = deployment.apps.filter((app) => app.package)
  await Promise.all(uploaded.map((app) => put(azure, blobOf(app), content)))
}

async function put(azure: Azure, url: string, body?: Buffer): Promise<void> {
  const headers = body ? { 'x-ms-blob-type': 'BlockBlob' } : {}
  const response = await ask(azure, azure.everything, url, { method: 'PUT', body: body ?? '', headers })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
}

/**
 * Fetches an app's package with the app's identity, as the platform does for a new instance.
 * @throws {Error} naming the package and the answer.
 */
export async function fetchPackage(azure: Azure, app: App): Promise<Buffer> {
  const identity = azure.deployment.identities.find(({ id }) => id === app.package?.identity)
  if (!identity) throw new Error(`${app.name} is to fetch its package as an identity that there is not.`)
  const response = await ask(azure, identity, blobOf(app))
  if (!response.ok)
    throw new Error(
      `The package of ${app.name} cannot be fetched: ${response.status} ${await response.text()}`,
    )
  return Buffer.from(await response.arrayBuffer())
}

/** Unpacks a package into a folder. */
export async function unpack(content: Buffer, folder: string): Promise<void> {
  for (const entry of new AdmZip(content).getEntries()) {
    if (entry.isDirectory) continue
    const file = join(folder, entry.entryName)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, entry.getData())
  }
}

async function ask(azure: Azure, identity: Identity, url: string, init: RequestInit = {}): Promise<Response> {
  const { token } = await azure.authority.sign(identity, storageAudience, true)
  const headers = { authorization: `Bearer ${token}`, 'x-ms-version': '2025-01-05', ...init.headers }
  return fetch(url, { ...init, headers })
}
