/** The tokens of a call, as the chat API and the image API name them. */
export interface Usage {
  prompt_tokens?: number
  completion_tokens?: number
  input_tokens?: number
  output_tokens?: number
}

/**
 * Writes one line to the log for a call: what for, which model, how many tokens, how long; never what was asked or
 * answered. A call that did not come to its end has no count. `started` is a time of `performance.now()`.
 */
export function logUsage(what: string, model: string, usage: Usage | undefined, started: number): void {
  const input = usage?.prompt_tokens ?? usage?.input_tokens ?? 'unknown'
  const output = usage?.completion_tokens ?? usage?.output_tokens ?? 'unknown'
  const ms = Math.round(performance.now() - started)
  console.log(`AI ${what}: model ${model}, tokens in ${input}, out ${output}, ${ms} ms`)
}
