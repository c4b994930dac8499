import { expect, test } from 'vitest'
import { notFollowed } from './settings.ts'

test('what the app does not follow is known: misspelt names, and those of the host alone', () => {
  const env = {
    OTEL_EXPORTER_OLTP_ENDPOINT: 'http://localhost:4318',
    OTEL_TRACE_SAMPLER: 'always_off',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_PROPAGATORS: '',
  }
  const known = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_TRACES_SAMPLER_ARG: '1',
    OTEL_SERVICE_NAME: 'store',
    OTHER: '1',
  }
  expect(notFollowed({ ...env, ...known })).toEqual([
    'OTEL_EXPORTER_OLTP_ENDPOINT',
    'OTEL_TRACE_SAMPLER',
    'OTEL_BSP_MAX_QUEUE_SIZE',
  ])
})
