/**
 * What the local Functions host costs: `npm run bench -- host [SECONDS]` (default 5 a round). Each server is a process
 * of its own; the load comes from this one, over raw sockets, so that little of the machine goes into it.
 */

import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { build, buildOptions } from '../../functions/build.ts'
import { freePort } from '../../local/functions-host/fixtures/freePort.ts'
import { bareServer, firstAnswer, hostArguments, startServer } from './firstAnswer.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const connections = 32

const sample = JSON.parse(await readFile(join(root, 'local.settings.sample.json'), 'utf8')) as {
  Values: Record<string, string>
}

/** Only the HTTP functions of the store: nothing else needs to run for its first answer. */
const settings = {
  ...sample.Values,
  ROLES: 'store',
  AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
  AzureFunctionsJobHost__logging__logLevel__Function: 'Warning',
}

export default async function bench([seconds = '5']: string[]): Promise<void> {
  const folder = join(root, '.local')
  await mkdir(folder, { recursive: true })
  const directory = await mkdtemp(join(folder, 'bench-host-'))
  try {
    await throughput(directory, Number(seconds) * 1000)
    await startTimes(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function throughput(directory: string, duration: number): Promise<void> {
  const trivial = join(directory, 'trivial')
  const streaming = join(directory, 'streaming')
  await writeApp(trivial, `app.get('hello', { handler: () => ({ jsonBody: { hello: 'world' } }) })`)
  await writeApp(
    streaming,
    `app.setup({ enableHttpStream: true }); app.get('hello', { handler: () => ({ jsonBody: { hello: 'world' } }) })`,
  )
  const port = await freePort()
  const bare = await measure(bareServer(port), port, '/api/hello', duration)
  report('bare node:http', bare)
  for (const [name, app] of [
    ['host, buffered', trivial],
    ['host, streaming', streaming],
  ] as const) {
    const profile = join(directory, `profile-${name.length}`)
    const result = await measure(hostArguments(app, port), port, '/api/hello', duration)
    report(name, result, bare)
    const profiled = ['--cpu-prof', '--cpu-prof-dir', profile, ...hostArguments(app, port)]
    await measure(profiled, port, '/api/hello', duration)
    const { host, model } = await shares(profile)
    console.log(`  of the CPU time: host code ${percent(host)}, programming model ${percent(model)}`)
  }
}

interface Result {
  rate: number
  p50: number
  p99: number
}

function report(name: string, { rate, p50, p99 }: Result, bare?: Result) {
  const ratio = bare ? `, ${(rate / bare.rate).toFixed(3)} × bare` : ''
  console.log(
    `${name}: ${Math.round(rate)} requests/s${ratio}, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  )
}

async function measure(args: string[], port: number, path: string, duration: number): Promise<Result> {
  const child = startServer(args, settings)
  try {
    await firstAnswer(port, path)
    await load(port, path, Math.min(2_000, duration))
    const times = (await load(port, path, duration)).sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
    return { rate: times.length / (duration / 1000), p50: at(0.5), p99: at(0.99) }
  } finally {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}

/** Keeps every connection busy with one request at a time; answers each request's milliseconds. */
async function load(port: number, path: string, duration: number): Promise<number[]> {
  const times: number[] = []
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const end = performance.now() + duration
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, '127.0.0.1').setNoDelay()
      await once(socket, 'connect')
      let sent = performance.now()
      socket.write(request)
      for await (const data of socket) {
        // An answer this small comes in one piece.
        if (!String(data).startsWith('HTTP/1.1 200')) throw new Error(`unexpected answer: ${data}`)
        const now = performance.now()
        times.push(now - sent)
        if (now > end) break
        sent = now
        socket.write(request)
      }
      socket.destroy()
    }),
  )
  return times
}

/** The shares of the host's own code and of `@azure/functions` in the time that the process was not idle. */
async function shares(folder: string): Promise<{ host: number; model: number }> {
  const [file] = await readdir(folder)
  if (!file) throw new Error('no profile was written')
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
    nodes: { id: number; callFrame: { functionName: string; url: string } }[]
    samples: number[]
    timeDeltas: number[]
  }
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  let [total, host, model] = [0, 0, 0]
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const time = timeDeltas[index] ?? 0
    if (!frame || frame.functionName === '(idle)') continue
    total += time
    if (frame.url.includes('/local/functions-host/')) host += time
    else if (frame.url.includes('@azure/functions') || frame.url.includes('azure-functions')) model += time
  }
  return { host: host / total, model: model / total }
}

async function startTimes(directory: string): Promise<void> {
  await build()
  const unbundled = join(directory, 'unbundled')
  await mkdir(unbundled)
  await esbuild.build({
    ...buildOptions,
    entryPoints: { app: 'functions/index.ts' },
    outdir: unbundled,
    packages: 'external',
    minify: false,
  })
  await writeConfiguration(unbundled)
  const port = await freePort()
  const bare = await startTime(bareServer(port), port, '/')
  console.log(`first answer, bare node:http: ${bare.toFixed(0)} ms`)
  for (const [name, app] of [
    ['the store, bundled', root],
    ['the store, not bundled', unbundled],
  ] as const) {
    const time = await startTime(hostArguments(app, port), port, '/api/health')
    console.log(`first answer, ${name}: ${time.toFixed(0)} ms, ${(time / bare).toFixed(1)} × bare`)
  }
}

/** Median milliseconds from the start of a process to its first answer; the first starts fill the compile cache. */
async function startTime(args: string[], port: number, path: string): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 14; count++) {
    const began = performance.now()
    const child = startServer(args, settings)
    await firstAnswer(port, path)
    times.push(performance.now() - began)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  return times.slice(2).sort((a, b) => a - b)[6] ?? Number.NaN
}

async function writeApp(folder: string, code: string): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, 'app.cjs'), `const { app } = require('@azure/functions')\n${code}\n`)
  await writeConfiguration(folder)
}

async function writeConfiguration(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"main":"app.cjs"}')
  await writeFile(join(folder, 'host.json'), '{"version":"2.0"}')
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
