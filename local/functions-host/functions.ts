/** The functions of a loaded app, checked and sorted by what triggers them. */
import { HostStartError } from './errors.ts'
import type { HostConfig } from './hostConfig.ts'
import type { LoadedApp } from './loadApp.ts'
import type { Binding, FunctionCallback, FunctionMetadata, RetryOptions } from './rpc.ts'
import { isDisabled, type Settings } from './settings.ts'

export interface HostFunction {
  name: string
  /** What its log lines are filed under, as `host.json` names it. */
  category: string
  metadata: FunctionMetadata
  callback: FunctionCallback
  /** The trigger's key among the bindings, under which the model expects the input. */
  triggerName: string
  trigger: Binding
  /** Output bindings other than the HTTP answer. */
  outputs: { name: string; binding: Binding }[]
  retry: RetryOptions | undefined
  disabled: boolean
}

const triggers = new Set(['httptrigger', 'timertrigger', 'servicebustrigger', 'warmuptrigger'])
const outputs = new Set(['http', 'servicebus'])

/**
 * Describes an app's functions.
 * @throws {HostStartError} naming every binding that this host does not support, or a name that Azure refuses.
 */
export function describeFunctions(app: LoadedApp, config: HostConfig, settings: Settings): HostFunction[] {
  const unsupported: string[] = []
  const functions: HostFunction[] = []
  for (const { metadata, callback } of app.functions.values()) {
    if (config.functions && !config.functions.includes(metadata.name)) continue
    const bindings = Object.entries(metadata.bindings)
    const entry = bindings.find(([, binding]) => /trigger$/i.test(binding.type))
    if (!entry) throw new HostStartError(`Function "${metadata.name}" has no trigger.`)
    const [triggerName, trigger] = entry
    checkName(metadata.name, trigger)
    const twin = functions.find(({ name }) => name.toLowerCase() === metadata.name.toLowerCase())
    if (twin) {
      throw new HostStartError(
        `"${twin.name}" and "${metadata.name}" differ by case only, which Azure does not tell apart: rename one of them.`,
      )
    }

    for (const [name, binding] of bindings) {
      const known = name === triggerName ? triggers : binding.direction === 'out' ? outputs : undefined
      if (!known?.has(binding.type.toLowerCase())) unsupported.push(`${metadata.name} (${binding.type})`)
      else if (binding.sdkBinding === true)
        unsupported.push(`${metadata.name} (${binding.type} with sdkBinding)`)
    }
    functions.push({
      name: metadata.name,
      category: `Function.${metadata.name}`,
      metadata,
      callback,
      triggerName,
      trigger,
      outputs: bindings
        .filter(([, binding]) => binding.direction === 'out' && binding.type.toLowerCase() !== 'http')
        .map(([name, binding]) => ({ name, binding })),
      retry: metadata.retryOptions ?? config.retry,
      disabled: isDisabled(metadata.name, settings),
    })
  }
  if (unsupported.length > 0) {
    throw new HostStartError(
      `This host does not support the binding of: ${unsupported.join(', ')}. It knows HTTP, timer, Service Bus and warm-up triggers and HTTP and Service Bus outputs; for others use "func start".`,
    )
  }
  return functions
}

/** Whether a function is of a trigger type, e.g. `timerTrigger`; the case of a type does not matter. */
export function isTriggeredBy(fn: HostFunction, type: string): boolean {
  return fn.trigger.type.toLowerCase() === type.toLowerCase()
}

/** What the real host would leave out with an error of its own: better to hear of it here than after a deployment. */
function checkName(name: string, trigger: Binding): void {
  if (!/^(?!host$)[a-z][\w-]{0,127}$/i.test(name)) {
    throw new HostStartError(
      `"${name}" cannot name a function: Azure takes a letter and then letters, digits, "_" and "-", at most 128, but not "host".`,
    )
  }
  if (trigger.type.toLowerCase() !== 'httptrigger') return
  const route = String(trigger.route ?? '') || name
  if (/^[/~]/.test(route)) {
    throw new HostStartError(
      `Function "${name}": in Azure a route that begins with "${route[0]}" stops the whole app; write "${route.replace(/^[/~]+/, '')}".`,
    )
  }
  const reserved = /^(admin|runtime)/i.exec(route)?.[0]
  if (reserved) {
    throw new HostStartError(
      `Function "${name}": Azure keeps every route that begins with "${reserved}" to itself; give it another than "${route}".`,
    )
  }
}
