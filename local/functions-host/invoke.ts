/** Runs one invocation through the programming model: arguments, hooks, the function, hooks, outputs. */
import { randomUUID } from 'node:crypto'
import type { HookName } from './coreApi.ts'
import type { HostFunction } from './functions.ts'
import type { LoadedApp } from './loadApp.ts'
import type { Logger } from './log.ts'
import type {
  CoreInvocationContext,
  InvocationRequest,
  InvocationResponse,
  LogLevel,
  TypedData,
} from './rpc.ts'

/** Writes one value of an output binding; resolved before the invocation counts as done. */
export type OutputWriter = (data: TypedData) => Promise<void>

/** What a trigger hands over. */
export interface Trigger {
  data: TypedData
  metadata?: Record<string, TypedData>
  reason: string
  invocationId?: string
  traceContext?: InvocationRequest['traceContext']
  retryContext?: InvocationRequest['retryContext']
}

/** The function ran longer than `functionTimeout` of `host.json`. */
export class FunctionTimeoutError extends Error {
  override name = 'FunctionTimeoutError'
}

export interface Invoker {
  /** Resolves with what the function answered; rejects with what it, a hook or an output threw. */
  invoke(fn: HostFunction, trigger: Trigger): Promise<InvocationResponse>
  /** Runs the hooks of the app's own life. */
  runAppHooks(name: 'appStart' | 'appTerminate', context: object): Promise<void>
  /** Invocations under way. */
  readonly running: number
  /** Resolves when none is under way, or after `limit` milliseconds: then false. */
  idle(limit: number): Promise<boolean>
}

export function createInvoker(
  app: LoadedApp,
  logger: Logger,
  options: {
    /** Milliseconds; undefined: no limit. */
    timeout: number | undefined
    /** Whether a call that brings no trace begins one: only Application Insights makes the real host do so. */
    traced: boolean
    /** The writer of an output of a function, by the function's and the binding's names. */
    writerOf(fn: HostFunction, output: string): OutputWriter
  },
): Invoker {
  const { hooks, model } = app
  const appHookData = {}
  const lifeHookData = {}
  const waiting = new Set<() => void>()
  let running = 0

  async function runHooks(name: HookName, context: object) {
    for (const hook of hooks[name]) await hook(context)
  }

  /** Lets the log hooks see, and change, what the function logs. */
  function log(fn: HostFunction, level: LogLevel, category: string, message: string, context: unknown) {
    let entry = { level, message }
    if (hooks.log.length > 0) {
      const hookContext = { level, message, category, invocationContext: context, hookData: {}, appHookData }
      for (const hook of hooks.log) hook(hookContext)
      entry = hookContext
    }
    logger.write(entry.level, category === 'user' ? `${fn.category}.User` : fn.category, entry.message)
  }

  async function run(fn: HostFunction, trigger: Trigger, invocationId: string): Promise<InvocationResponse> {
    const request: InvocationRequest = {
      invocationId,
      functionId: fn.name,
      inputData: [{ name: fn.triggerName, data: trigger.data }],
      triggerMetadata: trigger.metadata ?? {},
      traceContext: trigger.traceContext ?? (options.traced ? newTrace(invocationId) : noTrace()),
      ...(trigger.retryContext && { retryContext: trigger.retryContext }),
    }
    let context: unknown
    const core: CoreInvocationContext = {
      invocationId,
      request,
      metadata: fn.metadata,
      state: undefined,
      log: (level, category, message) => log(fn, level, category, message, context),
    }
    const invocation = model.getInvocationModel(core)
    const { context: invocationContext, inputs } = await invocation.getArguments()
    context = invocationContext

    const shared = { hookData: {}, appHookData, invocationContext }
    const before = { ...shared, inputs, functionCallback: fn.callback }
    core.state = 'preInvocationHooks'
    if (hooks.preInvocation.length > 0) await runHooks('preInvocation', before)

    const after: { inputs: unknown[]; result: unknown; error: unknown } & typeof shared = {
      ...shared,
      inputs: before.inputs,
      result: null,
      error: null,
    }
    core.state = 'invocation'
    try {
      after.result = await limited(
        invocation.invokeFunction(invocationContext, before.inputs, before.functionCallback),
        options.timeout,
        fn.name,
      )
    } catch (error) {
      after.error = error ?? new Error('Unknown error')
    }
    core.state = 'postInvocationHooks'
    if (hooks.postInvocation.length > 0) await runHooks('postInvocation', after)
    core.state = undefined
    if (after.error !== null && after.error !== undefined) throw after.error

    const response = await invocation.getResponse(invocationContext, after.result)
    if (fn.outputs.length > 0) await writeOutputs(fn, response)
    return response
  }

  async function writeOutputs(fn: HostFunction, response: InvocationResponse) {
    for (const { name } of fn.outputs) {
      const data =
        name === '$return'
          ? response.returnValue
          : response.outputData?.find((output) => output.name === name)?.data
      if (data) await options.writerOf(fn, name)(data)
    }
  }

  return {
    async invoke(fn, trigger) {
      const { category } = fn
      const invocationId = trigger.invocationId ?? randomUUID()
      const logged = logger.enabled('information', category)
      const started = performance.now()
      running++
      if (logged) {
        logger.write('information', category, `Executing (Reason='${trigger.reason}', Id=${invocationId})`)
      }
      try {
        const response = await run(fn, trigger, invocationId)
        if (logged) logger.write('information', category, executed('Succeeded', invocationId, started))
        return response
      } catch (error) {
        logger.write('error', category, `${executed('Failed', invocationId, started)}\n${describe(error)}`)
        throw error
      } finally {
        running--
        if (running === 0) for (const resolve of waiting) resolve()
      }
    },

    runAppHooks: (name, context) => runHooks(name, { hookData: lifeHookData, appHookData, ...context }),

    get running() {
      return running
    },

    async idle(limit) {
      if (running === 0) return true
      return new Promise((resolve) => {
        const settle = (idle: boolean) => () => {
          clearTimeout(timer)
          waiting.delete(done)
          resolve(idle)
        }
        const done = settle(true)
        const timer = setTimeout(settle(false), limit)
        waiting.add(done)
      })
    },
  }
}

/** Rejects with a `FunctionTimeoutError` when `work` takes longer than `limit` milliseconds. */
function limited<T>(work: Promise<T>, limit: number | undefined, name: string): Promise<T> {
  if (limit === undefined) return work
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(new FunctionTimeoutError(`Timeout value of ${limit / 1000} s exceeded by function: ${name}`)),
      limit,
    )
    work.then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

const noTrace = () => ({ traceParent: '', traceState: '', attributes: {} })

/** A W3C trace parent for an invocation that came without one, made of the invocation's id: that is random enough. */
function newTrace(id: string) {
  const hex = id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24)
  return { traceParent: `00-${hex}-${hex.slice(16)}-01` }
}

function executed(outcome: string, invocationId: string, started: number): string {
  const duration = Math.round(performance.now() - started)
  return `Executed (${outcome}, Id=${invocationId}, Duration=${duration}ms)`
}

/** An error as the log shows it. */
export function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
