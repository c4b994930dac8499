/** What `azd` deploys, and what describes it: azure.yaml, the parameter files, the staged folder. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { packageFolder, stageFunctions } from '../../infra/package.ts'
import { startFunctionsHost } from '../../local/functions-host/index.ts'
import { root } from '../../local/root.ts'
import { ownCloud } from '../harness/cloud.ts'

const folder = await mkdtemp(join(tmpdir(), 'package-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the package serves the store from an empty folder: nothing to install, nothing to build', async () => {
  await stageFunctions()
  await cp(join(root, packageFolder), folder, { recursive: true })
  const files = await readdir(folder)
  expect(files).toEqual(expect.arrayContaining(['functions.cjs', 'host.json', 'package.json']))
  expect(files.filter((name) => !/\.cjs$|^(host|package)\.json$/.test(name))).toEqual([])
  const { dependencies, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  expect([dependencies, scripts]).toEqual([undefined, undefined])

  const cloud = await ownCloud({ parts: ['service-bus', 'cosmos', 'blob'] })
  const host = await startFunctionsHost({
    appRoot: folder,
    port: 0,
    settings: { ...cloud.settings, ROLES: 'store,admin' },
  })
  try {
    expect(await (await fetch(`${host.url}/api/health`)).json()).toMatchObject({ status: 'ok' })
    const products = (await (await fetch(`${host.url}/api/products`)).json()) as {
      id: number
      price: number
    }[]
    expect(products).toHaveLength(10)
    const items = [{ productId: 1, quantity: 1, price: products[0]?.price }]
    const placed = await fetch(`${host.url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ customerId: '1', items }),
    })
    expect(placed.status).toBe(201)
  } finally {
    await host.close()
  }
})

// `"*"` is answered from the workspace only as long as npm sees the workspace; else by whoever registered the name.
test('no package of ours asks a registry for another of ours', async () => {
  const manifestOf = async (folder: string) =>
    JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as {
      name: string
      workspaces?: string[]
      private?: boolean
    } & Record<string, Record<string, string> | undefined>
  const folders = ['.', ...((await manifestOf('.')).workspaces ?? [])]
  const manifests = await Promise.all(folders.map(manifestOf))
  const own = new Map(manifests.map(({ name }, at) => [name, folders[at] as string]))
  expect(own.size).toBe(folders.length)
  const asked: string[] = []
  for (const [at, manifest] of manifests.entries()) {
    expect(manifest.private, manifest.name).toBe(true)
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])
      for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
        const folder = own.get(name)
        if (folder === undefined) continue
        asked.push(name)
        expect(range, `${name} in ${manifest.name}`).toMatch(/^file:/)
        expect(join(folders[at] as string, range.slice('file:'.length)), name).toBe(join(folder))
      }
  }
  expect(asked).toContain('@store/contract')

  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  for (const [name, folder] of own) {
    if (folder !== '.')
      expect(packages[`node_modules/${name}`], name).toEqual({ resolved: folder, link: true })
    const elsewhere = Object.keys(packages).filter((path) => path.endsWith(`/node_modules/${name}`))
    expect(elsewhere, name).toEqual([])
  }
})

test('azure.yaml deploys the staged folder, builds nothing itself and wants an azd that can', async () => {
  const { services, requiredVersions, hooks } = parse(await readFile(join(root, 'azure.yaml'), 'utf8'))
  expect(requiredVersions.azd).toBe('>= 1.25.6')
  for (const [name, service] of Object.entries<{
    host: string
    language: string
    project: string
    dist: string
  }>(services)) {
    // Any other language would be installed and built by azd, here and once more in Azure.
    expect(service.language, name).toBe('custom')
    expect([service.project, service.dist], name).toEqual(
      service.host === 'function' ? ['.', packageFolder] : [name, 'dist'],
    )
  }
  expect(Object.keys(hooks).sort()).toEqual([
    'postdeploy',
    'postprovision',
    'predeploy',
    'prepackage',
    'preprovision',
  ])
  // Whoever deploys without `azd up` is to deploy what is there now.
  expect(hooks.predeploy).toEqual(hooks.prepackage)
  for (const { run } of Object.values<{ run: string }>(hooks))
    expect(await readFile(join(root, run), 'utf8')).toBeTruthy()
})

test.each(['main', 'team'])(
  '%s.parameters.json has every parameter, each from a variable of azd',
  async (name) => {
    const { parameters } = JSON.parse(await readFile(join(root, 'infra', `${name}.parameters.json`), 'utf8'))
    const template = await readFile(join(root, 'infra', 'main.bicep'), 'utf8')
    expect(Object.keys(parameters)).toEqual(
      [...template.matchAll(/^param (\w+)/gm)].map(([, parameter]) => parameter),
    )
    for (const { value } of Object.values<{ value: string }>(parameters))
      expect(value).toMatch(/^\$\{[A-Z_]+(=[^}]*)?\}$/)
  },
)
