/** The metrics that the platform counts by the semantic conventions. Those of the business stand with the business. */
import { counter, histogram, secondsOfACall } from './metrics.ts'

export const requestDuration = histogram({
  name: 'http.server.request.duration',
  description: 'This instance: how long requests took.',
  unit: 's',
  bounds: secondsOfACall,
  hostsToo: true,
})

export const coldStarts = counter(
  {
    name: 'faas.coldstarts',
    description: 'This instance: first invocations of its process.',
    unit: '{coldstart}',
  },
  ['http', 'pubsub', 'timer'].map((trigger) => ({ 'faas.trigger': trigger })),
)

export const initDuration = histogram({
  name: 'faas.init_duration',
  description:
    'This instance: from the start of its process until its code was loaded, where it then was invoked.',
  unit: 's',
  bounds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
})

export const databaseDuration = histogram({
  name: 'db.client.operation.duration',
  description: 'This instance: how long operations of the database took, retries included.',
  unit: 's',
  bounds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
})

export const requestCharge = histogram({
  name: 'azure.cosmosdb.client.operation.request_charge',
  description: 'This instance: request units of operations of the database, retries included.',
  unit: '{request_unit}',
  bounds: [1, 2.5, 5, 10, 25, 50, 100, 250, 1_000],
})

export const throttledRequests = counter({
  name: 'store.cosmosdb.throttled_requests',
  description:
    'This instance: requests that the database answered with 429, those that a retry got past too.',
  unit: '{request}',
})

export const sentMessages = counter({
  name: 'messaging.client.sent.messages',
  description: 'This instance: messages that it tried to send.',
  unit: '{message}',
})

export const consumedMessages = counter({
  name: 'messaging.client.consumed.messages',
  description: 'This instance: messages that were handed to it.',
  unit: '{message}',
})

export const messagingDuration = histogram({
  name: 'messaging.client.operation.duration',
  description: 'This instance: how long sending and looking at messages took.',
  unit: 's',
  bounds: secondsOfACall,
})

export const processDuration = histogram({
  name: 'messaging.process.duration',
  description: 'This instance: how long the work on a message took.',
  unit: 's',
  bounds: secondsOfACall,
})

/** With `error.type` they are lost: `queue_full`, or why the exporter failed. */
export const processedSpans = counter({
  name: 'otel.sdk.processor.span.processed',
  description: 'This instance: spans that were sent or, where there is an error, lost.',
  unit: '{span}',
})

export const processedLogs = counter({
  name: 'otel.sdk.processor.log.processed',
  description: 'This instance: log records that were sent or, where there is an error, lost.',
  unit: '{log_record}',
})

export const modelDuration = histogram({
  name: 'gen_ai.client.operation.duration',
  description: 'This instance: how long calls of models took.',
  unit: 's',
  // The bounds that the conventions for generative AI ask for, as those of the tokens.
  bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
})

export const tokenUsage = histogram({
  name: 'gen_ai.client.token.usage',
  description: 'This instance: tokens of calls of models.',
  unit: '{token}',
  bounds: [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576],
})
