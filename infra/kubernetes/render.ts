/** `npm run kubernetes:render`: writes the Kustomize files anew from the chart. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kustomization } from './kustomization.ts'

const folder = fileURLToPath(new URL('./kustomize', import.meta.url))
const files = kustomization()
await rm(folder, { recursive: true, force: true })
for (const [path, text] of Object.entries(files)) {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
