/** Image generations as OpenAI's API has them. */
import type { ServerResponse } from 'node:http'
import { sendError } from './failures.ts'
import { paint } from './paint.ts'

export interface ImageRequest {
  model?: string
  prompt: string
  size?: string
  response_format?: string
  output_format?: string
}

/**
 * The answer: always a PNG, whatever format was asked for, and it says so. As at the providers, a setting that the kind
 * of model does not have is refused; then the error is sent and nothing is returned.
 */
export function imageAnswer({ model = '', prompt, size, ...format }: ImageRequest, response: ServerResponse) {
  const strange = /dall-?e/i.test(model) ? 'output_format' : 'response_format'
  if (format[strange] !== undefined) {
    return sendError(response, 400, {
      message: `Unknown parameter: '${strange}'.`,
      code: 'unknown_parameter',
      param: strange,
    })
  }
  const side = Number(/^(\d+)x\1$/.exec(size ?? '')?.[1] ?? 1024)
  return {
    created: 0,
    data: [{ b64_json: paint(prompt, side).toString('base64') }],
    output_format: 'png',
    size: `${side}x${side}`,
    usage: { input_tokens: prompt.split(/\s+/).length, output_tokens: 1, total_tokens: 0 },
  }
}
