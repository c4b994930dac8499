/** The Dockerfiles and the compose file, which no Docker runs here: their instructions, what they copy, and their settings. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../../functions/platform/config.ts'
import { packageFolder } from '../../package.ts'
import { stageLocalCloud } from '../images/local-cloud/stage.ts'
import { nginxConfig } from '../images/web/nginxConfig.ts'
import { nameOf, valueAt } from '../objects.ts'
import { renderProfile } from '../profiles.ts'
import { findTool } from '../tools.ts'
import { type Container, environmentOf, type PodSpec } from './pods.ts'

const folder = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const images = ['functions', 'web', 'local-cloud']

test.each(images)('%s: the instructions are known, and it runs as a user who is not root', (image) => {
  const text = read(`images/${image}/Dockerfile`)
  expect(validate(text).map(({ message }) => message)).toEqual([])
  expect([...text.matchAll(/^USER (\S+)/gm)].at(-1)?.[1]).toBe('1654')
  expect(validate(text.replace(/^COPY/m, 'COPPY'))).not.toEqual([])
})

test('nginx can follow what both apps say to Static Web Apps, and what it cannot is refused', () => {
  const site = { name: 'app', port: 8080, root: '/html', api: 'http://api', signIn: '{}' }
  for (const app of ['store', 'admin']) {
    const config = JSON.parse(read(`../../web-${app}/staticwebapp.config.json`))
    expect(nginxConfig(config, site)).toContain('listen 8080;')
  }
  const methods = ['GET']
  for (const route of [
    { route: '/images/*', methods, allowedRoles: ['admin'] },
    { route: '/api/old', methods, redirect: '/api/new' },
    { route: '/api/products', allowed: ['admin'] },
  ])
    expect(() => nginxConfig({ routes: [route] }, site)).toThrow(/does not follow/)
})

test('they copy what is staged, and nothing else', () => {
  const copied = images.flatMap((image) =>
    [...read(`images/${image}/Dockerfile`).matchAll(/^COPY (\S+)/gm)].map(([, path = '']) => path),
  )
  for (const path of copied) expect(path).toMatch(new RegExp(`^(${packageFolder}|dist/kubernetes/)`))
})

test('the local cloud is staged without tests, and with each package at the version of the lock file', async () => {
  const to = await mkdtemp(join(tmpdir(), 'local-cloud-'))
  onTestFinished(() => rm(to, { recursive: true, force: true }))
  await stageLocalCloud(to)
  const files = await readdir(to, { recursive: true })
  expect(files).toContain('main.ts')
  expect(files.filter((file) => /\.test\.ts$|\/tests\/|node_modules/.test(file))).toEqual([])
  const { dependencies } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8'))
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(['azurite', 'oidc-provider', 'rhea']))
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+/)
})

const helm = findTool('helm')
describe.skipIf(!helm)('compose.yaml', () => {
  const { services } = parse(read('compose.yaml'), { merge: true })

  test('its containers have the settings of the chart', () => {
    const rendered = renderProfile('local')
    const chartHas = (kind: string, name: string) => {
      const found = rendered.find((object) => nameOf(object) === `${kind} ${name}`)
      const { spec } = (valueAt(found, 'spec.template') ?? {}) as { spec: PodSpec }
      return environmentOf(spec.containers[0] as Container, rendered)
    }
    for (const role of ['store', 'admin', 'makeline']) {
      const { environment } = services[role]
      expect([...readConfig({ ...environment, KUBERNETES_SERVICE_HOST: '10.0.0.1' }).roles]).toEqual([role])
      // The image says it.
      const { FUNCTIONS_WORKER_RUNTIME, ...said } = chartHas('Deployment', role)
      expect(read('images/functions/Dockerfile')).toContain(
        `FUNCTIONS_WORKER_RUNTIME=${FUNCTIONS_WORKER_RUNTIME}`,
      )
      expect(environment, role).toEqual(said)
    }
    // No service of a cluster stands before a container here.
    const { OPENID_CONNECT, ...web } = services.web.environment
    const { OPENID_CONNECT: ofChart, ...inChart } = chartHas('Deployment', 'web')
    expect(JSON.parse(OPENID_CONNECT)).toEqual(JSON.parse(String(ofChart)))
    const atPort = { STORE_API: `${inChart.STORE_API}:8080`, ADMIN_API: `${inChart.ADMIN_API}:8080` }
    expect(web).toEqual({ ...inChart, ...atPort })
    expect(services['local-cloud'].environment).toEqual(chartHas('StatefulSet', 'local-cloud'))
  })

  // A tmpfs over a folder of the image belongs to root and has that folder's mode (moby#39466, docker/docs#15594).
  test('what a container writes to is open to its user', () => {
    const started: [service: string, image: string][] = [
      ...['store', 'admin', 'makeline'].map((role): [string, string] => [role, 'functions']),
      ...[['web', 'web'] as [string, string], ['local-cloud', 'local-cloud'] as [string, string]],
    ]
    for (const [service, image] of started) {
      const opened = /chmod 1777 (.+)/.exec(read(`images/${image}/Dockerfile`))?.[1]?.split(' ') ?? []
      const { read_only, tmpfs } = services[service]
      expect(read_only).toBe(true)
      expect(['/tmp', ...opened].sort(), service).toEqual(expect.arrayContaining([...tmpfs].sort()))
    }
  })

  test('each server that it names is a service of its own, and nothing is open but to this machine', () => {
    const hosts = JSON.stringify(services).matchAll(/(?:http|sb):\/\/([a-z][a-z-]*)(?=[:/;"])/g)
    for (const [, host = ''] of hosts) expect(['localhost', ...Object.keys(services)]).toContain(host)
    for (const { ports = [] } of Object.values<{ ports?: string[] }>(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })
})
