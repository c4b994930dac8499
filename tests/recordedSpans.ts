import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeEach } from 'vitest'
import { recordBy } from '../functions/platform/telemetry/tracing.ts'

/** Has the spans of each test recorded, as an exporter gets them. */
export function useRecordedSpans(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter()
  beforeEach(() => {
    exporter.reset()
    recordBy(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
  })
  afterEach(() => recordBy())
  return exporter
}
