/** What a trace would cost in Azure: the unit prices of `docs/azure.md`, which says what is known of each. */
import type { Span } from './otlp/model.ts'

/** In USD. None of them was verified at Azure's own price pages. */
export const prices = {
  millionRequestUnits: 0.25,
  gigabyteSecond: 0.000026,
  millionExecutions: 0.4,
}

/** An instance of Flex Consumption has 2 GB unless told otherwise, and an execution is billed for a second at least. */
const instance = { gigabytes: 2, leastSeconds: 1 }

export interface Cost {
  requestUnits: number
  /** Runs of functions, each with the time of its own span; those that share an instance share its seconds. */
  executions: number
  gigabyteSeconds: number
  /** USD, in all. */
  total: number
}

/** Request units, by the attribute of OpenTelemetry's conventions for Azure Cosmos DB. */
export const requestUnitsOf = (spans: Span[]): number =>
  round(
    spans.reduce(
      (sum, { attributes }) => sum + (Number(attributes['azure.cosmosdb.operation.request_charge']) || 0),
      0,
    ),
  )

/** What the spans would cost at list prices, with no free grant taken off. */
export function costOf(spans: Span[]): Cost {
  const requestUnits = requestUnitsOf(spans)
  const runs = new Map(
    spans
      .filter(({ attributes }) => attributes['faas.trigger'] !== undefined)
      .map((span) => [
        String(span.attributes['faas.invocation.id'] ?? span.attributes['faas.invocation_id'] ?? span.spanId),
        span,
      ]),
  )
  const seconds = [...runs.values()].reduce(
    (sum, { begin, end }) => sum + Math.max(instance.leastSeconds, (end - begin) / 1000),
    0,
  )
  const gigabyteSeconds = round(seconds * instance.gigabytes)
  const total =
    (requestUnits / 1e6) * prices.millionRequestUnits +
    gigabyteSeconds * prices.gigabyteSecond +
    (runs.size / 1e6) * prices.millionExecutions
  return { requestUnits, executions: runs.size, gigabyteSeconds, total }
}

const round = (number: number) => Math.round(number * 1000) / 1000
