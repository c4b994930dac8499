/** Loads a function app of the Node.js v4 programming model into this process. */
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createCoreApi, type Registry, supplyCoreApi } from './coreApi.ts'
import { HostStartError } from './errors.ts'
import { captureServer } from './http/captureServer.ts'
import type { Logger } from './log.ts'
import type { ProgrammingModel } from './rpc.ts'

export interface LoadedApp extends Registry {
  model: ProgrammingModel
  /** The server at which the model waits for requests, where the app streams HTTP. */
  streamServer: Server | undefined
}

/** Registration goes to the app that is loading, so apps load one after the other. */
let loading: Promise<unknown> = Promise.resolve()

/**
 * Loads every file that `main` of the app's package.json matches, then lets the model settle its capabilities.
 * @throws {HostStartError} when nothing matches `main`, or no file registers anything. An error of the app's own code
 * is passed on as it is.
 */
export function loadApp(appRoot: string, logger: Logger): Promise<LoadedApp> {
  const load = loading.then(() => loadNow(appRoot, logger))
  loading = load.catch(() => {})
  return load
}

async function loadNow(appRoot: string, logger: Logger): Promise<LoadedApp> {
  const packageJson = await readPackage(appRoot)
  const files = await entryFiles(appRoot, packageJson.main)
  const { exports, registry, lock } = createCoreApi(logger)
  const require = createRequire(join(appRoot, 'package.json'))
  forgetApp(require, appRoot)
  const withdraw = supplyCoreApi(exports)
  try {
    for (const file of files) {
      const isModule = file.endsWith('.mjs') || (packageJson.type === 'module' && !file.endsWith('.cjs'))
      if (isModule) await import(pathToFileURL(file).href)
      else require(file)
    }
    const { model } = registry
    if (!model) {
      throw new HostStartError(
        `No function was registered by ${files.join(', ')}. Does the app call app.http, app.timer, … of @azure/functions?`,
      )
    }
    const streamServer = await captureServer(async () => model.getCapabilities?.({}))
    lock()
    return { ...registry, model, streamServer }
  } finally {
    withdraw()
  }
}

async function readPackage(appRoot: string): Promise<{ main?: string; type?: string }> {
  try {
    return JSON.parse(await readFile(join(appRoot, 'package.json'), 'utf8'))
  } catch (error) {
    throw new HostStartError(`Cannot read package.json of ${appRoot}: ${(error as Error).message}`)
  }
}

async function entryFiles(appRoot: string, main: string | undefined): Promise<string[]> {
  if (!main)
    throw new HostStartError('package.json has no "main"; it names the files that register functions.')
  // The usual case, a plain path, goes without loading what matches patterns.
  if (existsSync(join(appRoot, main))) return [join(appRoot, main)]
  // `dist/**/*.js` may match a folder of dependencies that a build left there; the real worker takes it all too.
  const files: string[] = []
  for await (const file of glob(main, { cwd: appRoot })) files.push(file)
  if (files.length === 0) {
    throw new HostStartError(`"main" of package.json, "${main}", matches no file. Has the app been built?`)
  }
  return files.sort().map((file) => join(appRoot, file))
}

/** Drops an earlier load of the app, and the model with it, from the CommonJS cache: a model serves one load. */
function forgetApp(require: NodeJS.Require, appRoot: string) {
  const model = `${sep}@azure${sep}functions${sep}`
  const dependencies = `${sep}node_modules${sep}`
  for (const path of Object.keys(require.cache)) {
    const own = path.startsWith(appRoot + sep) && !path.slice(appRoot.length).includes(dependencies)
    if (own || path.includes(dependencies.slice(0, -1) + model)) delete require.cache[path]
  }
}
