import type { ImageRequest } from '@store/contract'
import { storePicture } from '../products/pictures.ts'
import { notSetUp, problemOf, unusable } from './failures.ts'
import { beginModelCall } from './modelCall.ts'
import { modelFor } from './models.ts'
import { imagePrompt } from './prompts.ts'
import { aiSettings } from './settings.ts'

/**
 * Draws a product's picture, 1024 pixels square, and keeps it with the store's pictures.
 * @returns its address or, where the request asks for that, the picture itself as a data URL, which is not kept.
 * @throws {ProblemError} 404 not set up; 422 refused; 502, 503, 504 the provider or the storage fails.
 */
export async function drawImage(request: ImageRequest, caller: AbortSignal): Promise<string> {
  const settings = aiSettings()
  if (!settings) throw notSetUp('Drawing pictures')
  const deadline = AbortSignal.timeout(settings.timeout * 1000)
  const signal = AbortSignal.any([caller, deadline])
  try {
    const { client, model } = await modelFor('image', signal)
    const call = beginModelCall('image', model, settings)
    const { data, output_format } = await client.images
      .generate(
        { model, prompt: imagePrompt(request), n: 1, size: '1024x1024', ...formatOf(model) },
        // A drawing takes long: there is no time for another after one that hung.
        { signal, timeout: settings.timeout * 1000 },
      )
      .then(
        (answer) => {
          call.used(answer.usage)
          return answer
        },
        (error) => {
          call.failed(error)
          throw error
        },
      )
      .finally(call.end)
    const picture = data?.[0]?.b64_json
    if (!picture) throw unusable('answered without a picture')
    if (request.format === 'data') return `data:image/${output_format ?? 'png'};base64,${picture}`
    return await storePicture(Buffer.from(picture, 'base64'))
  } catch (error) {
    throw await problemOf(error, { caller, deadline })
  }
}

/**
 * How to ask for the picture in the answer itself: DALL·E must be told to, later models do nothing else, and refuse to
 * be told. These can make a JPEG, a tenth of the PNG in size. The name of a deployment is all there is to tell them by.
 */
const formatOf = (model: string) =>
  /dall-?e/i.test(model)
    ? ({ response_format: 'b64_json' } as const)
    : ({ output_format: 'jpeg', quality: 'medium' } as const)
