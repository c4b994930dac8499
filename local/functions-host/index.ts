/**
 * A host for Azure Functions apps of the Node.js v4 programming model: it loads an unmodified app into this process
 * and serves its HTTP, timer and Service Bus triggers as the real host does.
 */
import { resolve } from 'node:path'
import { describeFunctions, type HostFunction, isTriggeredBy } from './functions.ts'
import { type HostConfig, readHostConfig } from './hostConfig.ts'
import { settingRemarks } from './hostSettings.ts'
import { createAdminPages, type HostState } from './http/admin.ts'
import { loadKeys } from './http/keys.ts'
import { findShadowed, type Route } from './http/route.ts'
import { startHttpServer } from './http/server.ts'
import { createStreamGate } from './http/streaming.ts'
import { createInvoker, describe, type OutputWriter } from './invoke.ts'
import { loadApp } from './loadApp.ts'
import { createLogger, type Logger, standardOutput } from './log.ts'
import { withRetries } from './retry.ts'
import { createServiceBusClients, type ServiceBusClients } from './serviceBus/connection.ts'
import { applyEnvironment, hostId, readSettings, type Settings } from './settings.ts'
import { withStatistics } from './statistics.ts'
import type { RunningTimer } from './timer/timerTrigger.ts'
import { callByHand, createReceivers, createTimers, scheduleOf } from './triggers.ts'

export { HostStartError } from './errors.ts'

export interface FunctionsHostOptions {
  /** The folder of `host.json` and `package.json`. */
  appRoot: string
  /** 0 for any free one. Default: `LocalHttpPort` of `local.settings.json`, else 7071. */
  port?: number
  /** Default `localhost`: both loopback addresses. */
  host?: string
  /** Settings on top of `local.settings.json` and the environment. */
  settings?: Record<string, string>
  /** Checks function keys, which `func start` does not either unless asked. */
  enableAuth?: boolean
  /** Where the keys are kept. Default: a cache folder under the app's `node_modules`. */
  keysFolder?: string
  /** Functions that receive no messages until `pause` says otherwise. */
  paused?: readonly string[]
  /** Writes log lines. Default: standard output. */
  log?: { write(line: string): void; coloured: boolean }
}

export interface FunctionsHost {
  port: number
  url: string
  functions: { name: string; trigger: string; methods?: string[]; url?: string; disabled: boolean }[]
  /** What works here but would not in Azure. */
  warnings: string[]
  /** The keys that are checked, when they are. */
  keys: { masterKey: string; defaultKey: string } | undefined
  /** Has these functions receive no messages, and all others receive. */
  pause(names: readonly string[]): Promise<void>
  /**
   * Answers what is under way, lets invocations end within ten seconds, settles messages, then stops. Where another
   * host takes over, `linger` is for how many milliseconds idle connections are left open for requests on their way.
   */
  close(options?: { linger?: number }): Promise<void>
}

/** How long a stop waits for work under way, in milliseconds. */
const stopLimit = 10_000

/**
 * Starts a host.
 * @throws {HostStartError} when the app or its settings keep it from starting; an error of the app's code as it is.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const appRoot = resolve(options.appRoot)
  const { settings: given, local } = await readSettings(appRoot, process.env, options.settings ?? {})
  // As with `func`, the file cannot say otherwise.
  const environment =
    options.settings?.AZURE_FUNCTIONS_ENVIRONMENT ?? process.env.AZURE_FUNCTIONS_ENVIRONMENT ?? 'Development'
  const settings = { ...given, AZURE_FUNCTIONS_ENVIRONMENT: environment }
  const config = await readHostConfig(appRoot, settings)
  const logger = createLogger(config.logLevels, options.log ?? standardOutput())
  const restoreEnvironment = applyEnvironment(settings)
  const clients = createServiceBusClients(settings)
  try {
    return await start(
      { ...options, appRoot },
      { config, settings, local, logger, clients, restoreEnvironment },
    )
  } catch (error) {
    await clients.close()
    restoreEnvironment()
    throw error
  }
}

async function start(
  options: FunctionsHostOptions,
  parts: {
    config: HostConfig
    settings: Settings
    local: Awaited<ReturnType<typeof readSettings>>['local']
    logger: Logger
    clients: ServiceBusClients
    restoreEnvironment(): void
  },
): Promise<FunctionsHost> {
  const { config, settings, local, logger, clients } = parts
  const app = await loadApp(options.appRoot, logger)
  const functions = describeFunctions(app, config, settings)
  const enabled = functions.filter(({ disabled }) => !disabled)

  // The code of a kind of binding is read only for an app that has one: a start is quick because it does little.
  const writers = new Map<string, OutputWriter>()
  for (const fn of enabled) {
    for (const { name, binding } of fn.outputs) {
      const { createServiceBusOutput } = await import('./serviceBus/output.ts')
      writers.set(`${fn.name}/${name}`, createServiceBusOutput(fn, binding, { settings, clients }))
    }
  }
  const invoker = withStatistics(
    createInvoker(app, logger, {
      timeout: config.functionTimeout,
      traced: Boolean(
        settings.APPLICATIONINSIGHTS_CONNECTION_STRING || settings.APPINSIGHTS_INSTRUMENTATIONKEY,
      ),
      writerOf(fn, output) {
        const writer = writers.get(`${fn.name}/${output}`)
        if (!writer) throw new Error(`No output "${output}" of function "${fn.name}"`)
        return writer
      },
    }),
  )
  const stopping = new AbortController()
  const invoke = withRetries(invoker.invoke, logger, stopping.signal)

  const routes = enabled
    .filter((fn) => isTriggeredBy(fn, 'httpTrigger'))
    .map((fn) => toRoute(fn, config.routePrefix))
  const warnings = findShadowed(routes).map(
    ([winner, shadowed]) =>
      `In Azure, which tries routes in alphabetical order of the functions' names, "${winner.target.name}" (${winner.template}) takes requests that belong to "${shadowed.target.name}" (${shadowed.template}): rename one of them.`,
  )

  const shared = { invoke, logger, settings }
  const state: HostState = { id: hostId(options.appRoot, settings), state: 'Running' }
  const receivers = await createReceivers(enabled, { ...shared, clients, config: config.serviceBus })
  const timers = await createTimers(enabled, state.id, shared)
  const runningTimers = new Map<HostFunction, RunningTimer>()

  const keys = options.enableAuth
    ? await loadKeys(
        options.keysFolder ?? resolve(options.appRoot, 'node_modules/.cache/functions-host/keys'),
        functions,
      )
    : undefined

  await invoker.runAppHooks('appStart', { functionAppDirectory: options.appRoot })

  let base = ''
  const urls = new Map(routes.map((route) => [route.target, route.template]))
  const urlOf = (fn: HostFunction) => (urls.has(fn) ? `${base}/${urls.get(fn)}` : undefined)
  const server = await startHttpServer({
    host: options.host ?? 'localhost',
    port: options.port ?? local.port ?? 7071,
    routes,
    invoker,
    logger,
    local,
    customHeaders: config.customHeaders,
    keys,
    stream: app.streamServer && createStreamGate(app.streamServer, invoker),
    admin: createAdminPages({
      config,
      functions,
      state,
      hasHomePage: !/^true$/i.test(settings.AzureWebJobsDisableHomepage ?? ''),
      urlOf,
      runsOf: (fn) => ({
        isDisabled: fn.disabled,
        isPaused: receivers?.isPaused(fn) ?? false,
        ...invoker.statistics.of(fn.name),
        ...(isTriggeredBy(fn, 'timerTrigger') && scheduleOf(runningTimers.get(fn)?.status)),
      }),
      call: (fn, input) => callByHand(fn, input, shared),
    }),
  })
  base = `http://localhost:${server.port}`

  const running: { stop(): Promise<void> }[] = []
  try {
    for (const [fn, timer] of timers) {
      const started = timer.start()
      runningTimers.set(fn, started)
      running.push(started)
    }
    if (receivers) running.push(receivers)
    await receivers?.start(options.paused)
  } catch (error) {
    await Promise.all([server.drain(0, 0), ...running.map((part) => part.stop())])
    throw error
  }
  for (const remark of [...config.remarks, ...local.remarks, ...settingRemarks(settings)])
    logger.write('warning', 'Host.Startup', remark)
  const runtime = settings.FUNCTIONS_WORKER_RUNTIME
  if (runtime !== 'node') {
    const is = runtime ? `is "${runtime}"` : 'is not set'
    logger.write(
      'warning',
      'Host.Startup',
      `FUNCTIONS_WORKER_RUNTIME ${is}; "func start" and Azure find the functions of this app only where it is "node".`,
    )
  }
  for (const warning of warnings) logger.write('warning', 'Host.Startup', warning)

  let closed: Promise<void> | undefined
  async function stop(linger: number) {
    state.state = 'Offline'
    stopping.abort()
    const settled = Promise.all([
      server.drain(stopLimit, linger),
      ...running.map((part) => part.stop()),
      invoker.idle(stopLimit),
    ])
    const inTime = await Promise.race([settled.then(() => true), elapse(stopLimit + linger)])
    if (!inTime) {
      logger.write(
        'warning',
        'Host.Shutdown',
        `${invoker.running} invocations were still running after ${stopLimit / 1000} s.`,
      )
    }
    await invoker
      .runAppHooks('appTerminate', {})
      .catch((error) => logger.write('error', 'Host.Shutdown', `appTerminate: ${describe(error)}`))
    await clients.close()
    parts.restoreEnvironment()
  }

  return {
    port: server.port,
    url: base,
    functions: functions.map((fn) => {
      const url = urlOf(fn)
      return {
        name: fn.name,
        trigger: fn.trigger.type,
        disabled: fn.disabled,
        ...(url && { url, methods: methodsOf(fn) }),
      }
    }),
    warnings,
    keys: keys && { masterKey: keys.masterKey, defaultKey: keys.defaultKey },
    pause: async (names) => receivers?.pause(names),
    close: ({ linger = 0 } = {}) => {
      closed ??= stop(linger)
      return closed
    },
  }
}

function toRoute(fn: HostFunction, prefix: string): Route<HostFunction> {
  const route = String(fn.trigger.route ?? '') || fn.name
  return { template: prefix ? `${prefix}/${route}` : route, methods: new Set(methodsOf(fn)), target: fn }
}

function methodsOf(fn: HostFunction): string[] {
  const { methods } = fn.trigger
  return Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : ['GET', 'POST']
}

function elapse(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false).unref())
}
