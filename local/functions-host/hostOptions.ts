/**
 * Every option of host.json that Microsoft documents ("host.json reference for Azure Functions 2.x and later", and the
 * pages of the HTTP and Service Bus bindings), and what this host does with it. None is ignored in silence.
 */

/**
 * `followed`: it does what it does in Azure. `azure`: it is about Azure's own machinery, and means nothing here. A
 * sentence: it would matter, is not followed, and the sentence is told at the start.
 */
type Treatment = 'followed' | 'azure' | (string & {})

/** By path; `*` is a name of the developer's, and a path stands for all below it. */
export const hostOptions: Readonly<Record<string, Treatment>> = {
  version: 'followed',
  functionTimeout: 'followed',
  functions: 'followed',
  retry: 'followed',
  'logging.logLevel': 'followed',
  extensionBundle: 'azure',
  aggregator: 'azure',
  healthMonitor: 'azure',
  managedDependency: 'azure',
  singleton: 'azure',
  telemetryMode: 'azure',
  'logging.applicationInsights': 'azure',
  'logging.fileLoggingMode': 'azure',
  'logging.console.isEnabled': 'the log is always written to the console',
  'logging.console.DisableColors': 'set the environment variable NO_COLOR instead',
  concurrency: 'concurrency is not adjusted; maxConcurrentCalls counts',
  customHandler: 'this host runs apps of the Node.js v4 programming model only',
  watchDirectories: '--watch looks at the folder of "main" and the configuration',
  watchFiles: '--watch looks at the folder of "main" and the configuration',
  'extensions.http.routePrefix': 'followed',
  'extensions.http.customHeaders': 'followed',
  'extensions.http.dynamicThrottlesEnabled': 'requests are not throttled',
  'extensions.http.maxConcurrentRequests': 'requests are not throttled',
  'extensions.http.maxOutstandingRequests': 'requests are not throttled',
  'extensions.http.hsts': 'there is no HTTPS here',
  'extensions.http.enableChunkedRequestBinding':
    'a body without Content-Length is not read in buffered mode; use enableHttpStream',
  'extensions.serviceBus.maxConcurrentCalls': 'followed',
  'extensions.serviceBus.maxConcurrentSessions': 'followed',
  'extensions.serviceBus.maxMessageBatchSize': 'followed',
  'extensions.serviceBus.minMessageBatchSize': 'followed',
  'extensions.serviceBus.maxBatchWaitTime': 'followed',
  'extensions.serviceBus.autoCompleteMessages': 'followed',
  'extensions.serviceBus.maxAutoLockRenewalDuration': 'followed',
  'extensions.serviceBus.sessionIdleTimeout': 'followed',
  'extensions.serviceBus.prefetchCount': 'the SDK for JavaScript does not prefetch',
  'extensions.serviceBus.clientRetryOptions': "the SDK's own retries count",
  'extensions.serviceBus.transportType': 'the connection string decides',
  'extensions.serviceBus.webProxy': 'connections are made without a proxy',
  'extensions.serviceBus.maxConcurrentCallsPerSession': 'one call a session is made at a time',
  'extensions.serviceBus.enableCrossEntityTransactions': 'there are no transactions across entities',
  'extensions.blobs': 'this host has no trigger for it',
  'extensions.cosmosDB': 'this host has no trigger for it',
  'extensions.durableTask': 'this host has no trigger for it',
  'extensions.eventGrid': 'this host has no trigger for it',
  'extensions.eventHubs': 'this host has no trigger for it',
  'extensions.kafka': 'this host has no trigger for it',
  'extensions.queues': 'this host has no trigger for it',
  'extensions.sendGrid': 'this host has no output for it',
  'extensions.signalR': 'this host has no output for it',
}

/** What there is to say of a host.json: a sentence for each option in it that is not followed, or that nobody knows. */
export function remarks(json: object): string[] {
  return paths(json, []).flatMap((path) => {
    const known = path.map((_, at) => path.slice(0, at + 1).join('.')).find((name) => name in hostOptions)
    const treatment = known && hostOptions[known]
    if (treatment === 'followed' || treatment === 'azure') return []
    const name = path.join('.')
    return treatment
      ? [`host.json: "${known}" is not followed: ${treatment}.`]
      : [`host.json: there is no option "${name}". Is it misspelt?`]
  })
}

/** The paths of an object's values, as deep as the table asks. */
function paths(value: unknown, before: string[]): string[][] {
  if (before.length > 0 && before.join('.') in hostOptions) return [before]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [before]
  return Object.entries(value).flatMap(([name, part]) => paths(part, [...before, name]))
}
