/**
 * The module `@azure/functions-core` that a host supplies to its worker process: through it the programming model
 * registers functions and hooks. It is on no registry, so resolution is hooked while an app loads.
 */
import { createRequire, registerHooks } from 'node:module'
import type { Logger } from './log.ts'
import type { FunctionCallback, FunctionMetadata, LogLevel, ProgrammingModel } from './rpc.ts'

export const hostVersion = '4.1000.0'

/** What an app registered while it loaded. */
export interface Registry {
  functions: Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>
  hooks: Record<HookName, HookCallback[]>
  model: ProgrammingModel | undefined
}

const hookNames = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'] as const
export type HookName = (typeof hookNames)[number]
export type HookCallback = (context: object) => unknown

class Disposable {
  #dispose: (() => unknown) | undefined

  constructor(dispose: () => unknown) {
    this.#dispose = dispose
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose()
    })
  }

  dispose(): unknown {
    const dispose = this.#dispose
    this.#dispose = undefined
    return dispose?.()
  }
}

/** One instance of the module, with the registry it fills. `lock` ends the time in which functions may register. */
export function createCoreApi(logger: Logger): { exports: object; registry: Registry; lock(): void } {
  const registry: Registry = {
    functions: new Map(),
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    model: undefined,
  }
  let locked = false

  const exports = {
    version: '3.11.0',
    hostVersion,
    Disposable,

    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
      if (locked) throw new Error('A function can only be registered during app startup.')
      const id = metadata.functionId ?? metadata.name
      if (registry.functions.has(id))
        throw new Error(`A function with id "${id}" has already been registered.`)
      registry.functions.set(id, { metadata, callback })
      return new Disposable(() => {
        if (locked) throw new Error('A function can only be disposed during app startup.')
        registry.functions.delete(id)
      })
    },

    registerHook(name: string, callback: HookCallback): Disposable {
      const hooks = registry.hooks[name as HookName]
      if (!hooks) throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), systemError)
      hooks.push(callback)
      return new Disposable(() => {
        const index = hooks.indexOf(callback)
        if (index >= 0) hooks.splice(index, 1)
      })
    },

    setProgrammingModel(model: ProgrammingModel) {
      registry.model = model
    },

    getProgrammingModel: () => registry.model,

    log(level: LogLevel, _category: string, message: string) {
      logger.write(level, 'Worker', message)
    },
  }
  return {
    exports,
    registry,
    lock() {
      locked = true
    },
  }
}

/** How the model tells a fault of the host from one of the app. */
const systemError = { isAzureFunctionsSystemError: true }

const slots = new Map<string, object>()
const slotsKey = Symbol.for('local-functions-host.core')
let generation = 0

/**
 * Makes `require('@azure/functions-core')` and `import '@azure/functions-core'` answer `exports` for every module
 * that is loaded until the returned function is called.
 */
export function supplyCoreApi(exports: object): () => void {
  const url = `functions-core:${++generation}`
  slots.set(url, exports)
  Object.assign(globalThis, { [slotsKey]: slots })
  const source = `module.exports = globalThis[Symbol.for(${JSON.stringify(slotsKey.description)})].get(${JSON.stringify(url)})`
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (wanted, context, next) =>
      wanted === url ? { format: 'commonjs', source, shortCircuit: true } : next(wanted, context),
  })
  return () => {
    hooks.deregister()
    slots.delete(url)
    // Node.js remembers where a request led; without this the next app to load would be led here.
    delete createRequire(import.meta.url).cache[url]
  }
}
