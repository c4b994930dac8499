// What each app is told, beside what follows from its identity (functionApp.bicep). Only what it reads: its own
// `readConfig` is run on these in `npm test -- infra`.
@export()
@description('The settings of an app.')
func appSettings(app string, names object) object =>
  union(
    {
      ROLES: app
      CosmosConnection__accountEndpoint: 'https://${names.cosmos}.documents.azure.com:443/'
      CosmosDatabase: names.database
      STORE_CURRENCY: names.currency
      // All who change an order give it its time to live anew, and all who count know which hours are whole.
      ORDER_RETENTION_DAYS: string(names.orderRetentionDays)
      ServiceBusConnection__fullyQualifiedNamespace: '${names.namespace}.servicebus.windows.net'
      // Left alone, newer hosts keep five traces a second and drop the rest, requests that failed included. The host and
      // the app both read these, so that a trace is kept by both or by none (docs/telemetry.md).
      OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
      OTEL_TRACES_SAMPLER_ARG: '1'
    },
    // Employees come through the Static Web App. In front of the others there is none, so its header means nothing there.
    contains(['store', 'admin'], app)
      ? {
          AUTH: 'swa'
          ImagesConnection__blobServiceUri: 'https://${names.pictureStorage}.blob.${names.storageSuffix}'
        }
      : {
          AUTH: 'jwt'
          AUTH_ISSUER: '${names.authority}/v2.0'
          AUTH_AUDIENCE: 'api://store'
          AUTH_JWKS_URI: '${names.authority}/discovery/v2.0/keys'
        },
    app == 'store'
      ? {
          ORDERS_PER_MINUTE: string(names.ordersPerMinute)
          ORDERS_PER_MINUTE_PER_CALLER: string(names.callerOrdersPerMinute)
        }
      : {},
    // The connection of queue triggers, beside that of the app.
    contains(['makeline', 'simulation'], app) ? { ServiceBusConnection__credential: 'managedidentity' } : {},
    app == 'makeline' ? { REPUBLISH_SCHEDULE: '0 */${names.republishMinutes} * * * *' } : {},
    app == 'simulation' ? { ORDERS_PER_HOUR: string(names.ordersPerHour) } : {},
    app == 'admin' && !empty(names.models)
      ? union(
          {
            USE_AZURE_OPENAI: 'true'
            USE_AZURE_AD: 'true'
            AZURE_OPENAI_ENDPOINT: 'https://${names.models}.openai.azure.com/'
          },
          empty(names.textModel) ? {} : { AZURE_OPENAI_DEPLOYMENT_NAME: names.textModel },
          empty(names.imageModel) ? {} : { AZURE_OPENAI_IMAGE_DEPLOYMENT_NAME: names.imageModel }
        )
      : {},
    app == 'admin' && !empty(names.adminGroups) ? { ADMIN_GROUPS: names.adminGroups } : {}
  )
