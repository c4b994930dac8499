/**
 * The Bicep compiler: where it is on this machine, and one process of it for a whole test file (`bicep jsonrpc`, whose
 * messages are framed as those of language servers are). Its answers follow from the files alone and are kept, so that it
 * is only started where a template changed.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from '../local/root.ts'
import { keptAnswers } from './bicepAnswers.ts'

const version = '0.49.2'
const program = process.platform === 'win32' ? 'bicep.exe' : 'bicep'

/**
 * The path of the compiler: `BICEP`, that of PATH, of `az`, of `azd`, or the NuGet package of this kind of machine, which
 * is fetched once into `node_modules/.cache` where there is `dotnet`. Undefined where none can be had.
 */
export function findBicep(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(homedir(), '.azure', 'bin'),
    join(homedir(), '.azd', 'bin'),
  ]
  const found = [process.env.BICEP ?? '', ...folders.map((folder) => join(folder, program))]
  return found.find((file) => file && existsSync(file)) ?? ofNuGet()
}

function ofNuGet(): string | undefined {
  const system = { linux: 'linux', darwin: 'osx', win32: 'win' }[process.platform as string]
  const id = `Azure.Bicep.CommandLine.${system}-${process.arch}`
  const folder = join(root, 'node_modules', '.cache', 'bicep')
  const file = join(folder, id.toLowerCase(), version, 'tools', program)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'bicep.csproj'),
    `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${id}" Version="[${version}]" /></ItemGroup>
</Project>
`,
  )
  try {
    execFileSync('dotnet', ['restore', '--packages', folder], { cwd: folder, stdio: 'pipe' })
    chmodSync(file, 0o755)
    return file
  } catch {
    return undefined
  }
}

/** A resource as it would be created: names and ids evaluated; what only Azure knows stays an expression in brackets. */
export interface Resource {
  id: string
  type: string
  name: string
  tags?: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of the resource's type.
  properties?: any
  [other: string]: unknown
}

interface Diagnostic {
  source: string
  level: string
  code: string
  message: string
}

export interface Bicep {
  /** What the compiler says of a file, its modules included. */
  diagnose(file: string): Promise<Diagnostic[]>
  format(file: string): Promise<string>
  /** What a deployment with the parameters of a `.bicepparam` file would create. */
  evaluate(file: string): Promise<Resource[]>
  stop(): void
}

/** The ids that evaluated templates have for the subscription and the tenant. */
export const account = {
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  tenantId: '22222222-2222-2222-2222-222222222222',
}

/** The compiler, which starts when it is first asked something that it did not answer before; it ends with `stop`. */
export function startBicep(path: string): Bicep {
  const answers = keptAnswers(path)
  let child: ChildProcess | undefined
  let call: ReturnType<typeof speak> | undefined
  const ask = (file: string, method: string, params: object) =>
    answers(file, { method, ...params }, () => {
      child ??= spawn(path, ['jsonrpc', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
      call ??= speak(child)
      return call(method, { path: file, ...params })
    })
  return {
    async diagnose(file) {
      return ((await ask(file, 'bicep/compile', {})) as { diagnostics: Diagnostic[] }).diagnostics
    },
    async format(file) {
      return ((await ask(file, 'bicep/format', {})) as { contents: string }).contents
    },
    async evaluate(file) {
      const metadata = { ...account, location: 'westeurope', deploymentName: 'main', resourceGroup: null }
      const answer = await ask(file, 'bicep/getSnapshot', { metadata, externalInputs: [] })
      const { predictedResources, diagnostics } = JSON.parse((answer as { snapshot: string }).snapshot)
      if (diagnostics.length) throw new Error(diagnostics.join('\n'))
      return predictedResources
    },
    stop: () => void child?.kill(),
  }
}

function speak(child: ChildProcess) {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  let received = Buffer.alloc(0)
  child.stdout?.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data])
    for (;;) {
      const end = received.indexOf('\r\n\r\n')
      const length = Number(
        /Content-Length: (\d+)/i.exec(received.subarray(0, Math.max(end, 0)).toString())?.[1],
      )
      if (end < 0 || received.length < end + 4 + length) return
      const message = JSON.parse(received.subarray(end + 4, end + 4 + length).toString())
      received = received.subarray(end + 4 + length)
      const { resolve, reject } = waiting.get(message.id) ?? {}
      if (message.error) reject?.(new Error(message.error.message))
      else resolve?.(message.result)
    }
  })
  child.once('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('The Bicep compiler ended'))
  })
  return (method: string, params: object) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
      child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
}
