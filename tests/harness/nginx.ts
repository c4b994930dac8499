/** A real nginx with the web image's configuration, run as the image runs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stageWeb } from '../../infra/kubernetes/images/web/stage.ts'
import { installDebian } from './debian.ts'
import { until } from './until.ts'

/** The variables that the image's start fills in. */
export interface WebImageSettings {
  STORE_API: string
  ADMIN_API: string
  OPENID_CONNECT: string
  OPENID_ORIGINS: string
  OPENID_UPSTREAM: string
}

export interface WebImage {
  urls: { store: string; admin: string }
  stop(): Promise<void>
}

/**
 * Whether nginx can be run here. In CI it is installed where it is missing; elsewhere a line says what is left out.
 * @throws {Error} in CI, when it cannot be had.
 */
export async function findNginx(): Promise<boolean> {
  if (isThere()) return true
  if (process.env.CI) {
    await installDebian('nginx-light')
    if (!isThere()) throw new Error('The web image cannot be tested: nginx could not be installed.')
    return true
  }
  console.log('Skipped: the tests of the web image need nginx on the PATH.')
  return false
}

function isThere(): boolean {
  return spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0
}

/** Stages the web image's files from the built apps and serves them on these ports. */
export async function startWebImage(
  ports: { store: number; admin: number },
  settings: WebImageSettings,
): Promise<WebImage> {
  const folder = await mkdtemp(join(tmpdir(), 'web-image-'))
  const html = await stageWeb(join(folder, 'html'))
  await mkdir(join(folder, 'conf.d'))
  for (const app of ['store', 'admin'] as const) {
    // As the image's start does it: each variable of the environment, and no other text with a dollar.
    const template = await readFile(join(html, 'templates', `${app}.conf.template`), 'utf8')
    const filled = template.replaceAll(
      /\$\{(\w+)\}/g,
      (text, name) => settings[name as keyof WebImageSettings] ?? text,
    )
    const here = filled
      .replaceAll('/usr/share/nginx/html', html)
      .replace(/listen \d+;/, `listen 127.0.0.1:${ports[app]};`)
    await writeFile(join(folder, 'conf.d', `${app}.conf`), here)
  }
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  await writeFile(
    join(folder, 'nginx.conf'),
    `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; pid ${folder}/nginx.pid; error_log stderr warn;
events {}
http { access_log off; ${temporary.join(' ')} include ${folder}/conf.d/*.conf; }
`,
  )
  const server: ChildProcess = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  server.stderr?.on('data', (data) => {
    output += data
  })
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const urls = { store: `http://127.0.0.1:${ports.store}`, admin: `http://127.0.0.1:${ports.admin}` }
  await until('nginx serves the web apps', async () => {
    if (server.exitCode !== null) throw new Error(`nginx ended: ${output}`)
    return (await fetch(`${urls.admin}/.auth/me`).catch(() => null))?.ok ?? false
  })
  return {
    urls,
    async stop() {
      server.kill('SIGQUIT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
