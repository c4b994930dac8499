/**
 * Every app setting that Microsoft documents for the host ("App settings reference for Azure Functions"; "Code and test
 * Azure Functions locally" for local.settings.json; the host's RpcWorkerConstants for `languageWorkers`), and what this
 * host does with it. What is set and would matter is never ignored in silence. Other names are the app's own.
 */
import type { Settings } from './settings.ts'

/**
 * `followed`: it does what it does in Azure. `azure`: it is about Azure's machinery, other plans, other languages or
 * older versions, and means nothing here. With a remark: it would matter, is not followed, and the remark is told at
 * the start, unless the value is `fine`, which is what this host does in any case.
 */
type Treatment = 'followed' | 'azure' | { readonly remark: string; readonly fine?: RegExp }

const keysInFiles = { remark: 'keys are kept in files, and checked with --enableAuth only', fine: /^files$/i }
const noTelemetry = { remark: 'this host sends no telemetry; it writes its log to the console' }

/** By name; `*` is a part of the developer's. */
export const hostSettings: Readonly<Record<string, Treatment>> = {
  APPINSIGHTS_INSTRUMENTATIONKEY: noTelemetry,
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'azure',
  APPLICATIONINSIGHTS_CONNECTION_STRING: noTelemetry,
  AZURE_FUNCTION_PROXY_BACKEND_URL_DECODE_SLASHES: 'azure',
  AZURE_FUNCTION_PROXY_DISABLE_LOCAL_CALL: 'azure',
  AZURE_FUNCTIONS_ENVIRONMENT: 'followed',
  'AzureFunctionsJobHost__*': 'followed',
  AzureFunctionsWebHost__hostid: 'followed',
  'AzureWebJobs.*.Disabled': 'followed',
  AzureWebJobsDashboard: 'azure',
  AzureWebJobsDisableHomepage: 'followed',
  AzureWebJobsDotNetReleaseCompilation: 'azure',
  AzureWebJobsFeatureFlags: {
    remark: 'this host has no features behind flags',
    fine: /^EnableWorkerIndexing$/i,
  },
  AzureWebJobsKubernetesSecretName: keysInFiles,
  AzureWebJobsScriptRoot: { remark: 'the option --app-root names the folder of the app' },
  AzureWebJobsSecretStorageKeyVaultClientId: keysInFiles,
  AzureWebJobsSecretStorageKeyVaultClientSecret: keysInFiles,
  AzureWebJobsSecretStorageKeyVaultName: keysInFiles,
  AzureWebJobsSecretStorageKeyVaultTenantId: keysInFiles,
  AzureWebJobsSecretStorageKeyVaultUri: keysInFiles,
  AzureWebJobsSecretStorageSas: keysInFiles,
  AzureWebJobsSecretStorageType: keysInFiles,
  AzureWebJobsStorage: 'followed',
  AzureWebJobs_TypeScriptPath: 'azure',
  DOCKER_SHM_SIZE: 'azure',
  ENABLE_ORYX_BUILD: 'azure',
  FUNCTION_APP_EDIT_MODE: 'azure',
  FUNCTIONS_EXTENSION_VERSION: { remark: 'this host does what version 4 does', fine: /^~?4(\.|$)/ },
  FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR: 'azure',
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: 'followed',
  FUNCTIONS_V2_COMPATIBILITY_MODE: 'azure',
  FUNCTIONS_WORKER_PROCESS_COUNT: { remark: 'the app runs in one process', fine: /^1$/ },
  FUNCTIONS_WORKER_RUNTIME: 'followed',
  FUNCTIONS_WORKER_RUNTIME_VERSION: 'azure',
  FUNCTIONS_WORKER_SHARED_MEMORY_DATA_TRANSFER_ENABLED: 'azure',
  JAVA_OPTS: 'azure',
  languageWorkers__java__arguments: 'azure',
  languageWorkers__node__arguments: {
    remark:
      'the app runs in the process of this host; give them to the node that starts it, or in NODE_OPTIONS',
  },
  languageWorkers__node__defaultExecutablePath: {
    remark: 'the app runs under the Node.js that runs this host',
  },
  languageWorkers__node__workerDirectory: { remark: 'this host is its own worker' },
  languageWorkers__workersDirectory: { remark: 'this host is its own worker' },
  MDMaxBackgroundUpgradePeriod: 'azure',
  MDMinBackgroundUpgradePeriod: 'azure',
  MDNewSnapshotCheckPeriod: 'azure',
  PIP_EXTRA_INDEX_URL: 'azure',
  PIP_INDEX_URL: 'azure',
  PYTHON_ENABLE_DEBUG_LOGGING: 'azure',
  PYTHON_ENABLE_WORKER_EXTENSIONS: 'azure',
  PYTHON_ISOLATE_WORKER_DEPENDENCIES: 'azure',
  PYTHON_THREADPOOL_THREAD_COUNT: 'azure',
  SCALE_CONTROLLER_LOGGING_ENABLED: 'azure',
  SCM_DO_BUILD_DURING_DEPLOYMENT: 'azure',
  SCM_LOGSTREAM_TIMEOUT: 'azure',
  WEBSITE_CONTENTAZUREFILECONNECTIONSTRING: 'azure',
  WEBSITE_CONTENTOVERVNET: 'azure',
  WEBSITE_CONTENTSHARE: 'azure',
  WEBSITE_DNS_SERVER: 'azure',
  WEBSITE_ENABLE_BROTLI_ENCODING: 'azure',
  WEBSITE_FUNCTIONS_ARMCACHE_ENABLED: 'azure',
  WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT: 'azure',
  WEBSITE_NODE_DEFAULT_VERSION: 'azure',
  WEBSITE_OVERRIDE_STICKY_DIAGNOSTICS_SETTINGS: 'azure',
  WEBSITE_OVERRIDE_STICKY_EXTENSION_VERSIONS: 'azure',
  WEBSITE_RUN_FROM_PACKAGE: 'azure',
  WEBSITE_SKIP_CONTENTSHARE_VALIDATION: 'azure',
  WEBSITE_SLOT_NAME: 'azure',
  WEBSITE_TIME_ZONE: 'followed',
  WEBSITE_USE_PLACEHOLDER: 'azure',
  WEBSITE_VNET_ROUTE_ALL: 'azure',
}

/** The host's own names begin so; another of them would be a misspelt one. `:` and `__` both part a name. */
const ownPrefix = /^(AzureFunctionsWebHost|languageWorkers)(__|:)/i

const known = new Map(Object.keys(hostSettings).map((name) => [name.toLowerCase(), name]))

/** What there is to say of the settings: a sentence for each of the host's that is not followed, or that nobody knows. */
export function settingRemarks(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const plain = known.get(name.replaceAll(':', '__').toLowerCase())
    if (plain === undefined) {
      return ownPrefix.test(name) ? [`The host knows no setting "${name}". Is it misspelt?`] : []
    }
    const treatment = hostSettings[plain]
    if (treatment === undefined || typeof treatment === 'string' || !value) return []
    return treatment.fine?.test(value) ? [] : [`The setting "${name}" is not followed: ${treatment.remark}.`]
  })
}
