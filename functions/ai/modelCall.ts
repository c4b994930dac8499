/** A call of a model as a span, by the conventions for generative AI, and as a line of the log: never what was asked or answered. */
import { type Attributes, SpanKind } from '@opentelemetry/api'
import { modelDuration, tokenUsage } from '../platform/telemetry/instruments.ts'
import { log } from '../platform/telemetry/log.ts'
import { beginSpan, errorType, markFailed } from '../platform/telemetry/tracing.ts'
import { providerOf } from './providers/providers.ts'
import type { AiSettings } from './settings.ts'

/** The tokens of a call, as the chat API and the image API name them. */
export interface Usage {
  prompt_tokens?: number
  completion_tokens?: number
  input_tokens?: number
  output_tokens?: number
}

/** What is asked of a model. */
const kinds = {
  description: { operation: 'chat', output: 'text' },
  image: { operation: 'generate_content', output: 'image' },
} as const

export interface ModelCall {
  /** What the provider says it took. */
  used(usage: Usage | null | undefined): void
  /** Why it did not come to its end. */
  failed(error: unknown): void
  /** Ends the span and writes the line. A call that did not come to its end has no count. */
  end(): void
}

/** Begins a call; whoever begins it ends it. */
export function beginModelCall(
  what: keyof typeof kinds,
  model: string,
  { provider, temperature }: Pick<AiSettings, 'provider' | 'temperature'>,
): ModelCall {
  const { operation, output } = kinds[what]
  const counted: Attributes = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': providerOf(provider.kind).telemetryName,
    'gen_ai.request.model': model,
  }
  const attributes: Attributes = {
    ...counted,
    'gen_ai.output.type': output,
    ...(what === 'description' && temperature !== undefined && { 'gen_ai.request.temperature': temperature }),
  }
  const span = beginSpan(`${operation} ${model}`, { kind: SpanKind.CLIENT, attributes })
  const started = performance.now()
  let usage: Usage = {}
  let fault: string | undefined
  return {
    used(told) {
      usage = told ?? {}
    },
    failed(error) {
      fault = errorType(error)
      markFailed(span, fault)
    },
    end() {
      const input = usage.prompt_tokens ?? usage.input_tokens
      const answered = usage.completion_tokens ?? usage.output_tokens
      if (input !== undefined) span.setAttribute('gen_ai.usage.input_tokens', input)
      if (answered !== undefined) span.setAttribute('gen_ai.usage.output_tokens', answered)
      span.end()
      const ms = Math.round(performance.now() - started)
      modelDuration(ms / 1_000, { ...counted, ...(fault && { 'error.type': fault }) })
      for (const [type, tokens] of [
        ['input', input],
        ['output', answered],
      ] as const)
        if (tokens !== undefined) tokenUsage(tokens, { ...counted, 'gen_ai.token.type': type })
      log.info(
        `AI ${what}: model ${model}, tokens in ${input ?? 'unknown'}, out ${answered ?? 'unknown'}, ${ms} ms`,
      )
    },
  }
}
