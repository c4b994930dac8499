import type { DescriptionRequest } from '@store/contract'
import { longestDescription, tidyDescription } from './description.ts'
import { notSetUp, problemOf, refused, unusable } from './failures.ts'
import { beginModelCall } from './modelCall.ts'
import { modelFor } from './models.ts'
import { descriptionPrompt } from './prompts.ts'
import { providerOf } from './providers/providers.ts'
import { aiSettings } from './settings.ts'
import { afterThoughts, withoutThoughts } from './thoughts.ts'
import { writtenText } from './writtenText.ts'

/** Room for what reasoning models think before they write; a description itself takes some 200 tokens. */
const mostTokens = 2_000

/**
 * Writes a description of a product. It yields the text piece by piece as the model writes it and returns the text as
 * the shop wants it, which may be shorter: see `tidyDescription`. A model that goes on far beyond that is stopped.
 * @throws {ProblemError} 404 not set up; 422 refused; 502, 503, 504 the provider fails; see `failures.ts`.
 */
export async function* writeDescription(
  request: DescriptionRequest,
  caller: AbortSignal,
): AsyncGenerator<string, string> {
  const settings = aiSettings()
  if (!settings) throw notSetUp('Writing descriptions')
  const deadline = AbortSignal.timeout(settings.timeout * 1000)
  const signal = AbortSignal.any([caller, deadline])
  let text = ''
  const thoughts = withoutThoughts()
  let finished = false
  try {
    const { client, model } = await modelFor('text', signal)
    const call = beginModelCall('description', model, settings)
    try {
      const { lengthLimit = 'max_completion_tokens' } = providerOf(settings.provider.kind)
      const stream = await client.chat.completions.create(
        {
          model,
          messages: descriptionPrompt(request),
          stream: true,
          stream_options: { include_usage: true },
          [lengthLimit]: mostTokens,
          ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
        },
        // A try gets half of the time, so that one that hangs leaves time for another.
        { signal, timeout: settings.timeout * 500 },
      )
      for await (const chunk of stream) {
        // Azure's asynchronous filter sends chunks without `delta`, and usage comes without `choices`.
        const choice = chunk.choices?.[0] as Partial<(typeof chunk.choices)[0]> | undefined
        if (choice?.delta?.refusal || choice?.finish_reason === 'content_filter') throw refused()
        if (choice?.finish_reason) finished = true
        if (chunk.usage) call.used(chunk.usage)
        const written = writtenText(choice?.delta?.content)
        const piece = written ? thoughts.add(written) : ''
        if (!piece) continue
        text += piece
        yield piece
        if (text.length > 2 * longestDescription) {
          finished = true
          break
        }
      }
    } catch (error) {
      call.failed(error)
      throw error
    } finally {
      call.end()
    }
    // A stream that is aborted ends like any other.
    signal.throwIfAborted()
    if (!finished) throw unusable('broke off in the middle of its answer')
    const description = tidyDescription(afterThoughts(text + thoughts.rest()), request)
    if (!description) throw unusable('answered without a description')
    return description
  } catch (error) {
    throw await problemOf(error, { caller, deadline })
  }
}
