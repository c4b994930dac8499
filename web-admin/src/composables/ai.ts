/** The AI assistant: what it can do here, and having it write. */
import { useQuery } from '@pinia/colada'
import { limits } from '@store/contract/limits'
import { describeFailure, useToasts } from '@store/web-ui'
import { computed, onBeforeUnmount, ref } from 'vue'
import { api } from '../api.ts'

/** What the API says that AI can do; nothing where it is not configured, so that no button leads nowhere. */
export function useAiCapabilities() {
  const { data } = useQuery({
    key: ['ai', 'capabilities'],
    query: ({ signal }) => api.ai.capabilities({ signal }),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  })
  return {
    canDescribe: computed(() => data.value?.includes('description') ?? false),
    canPaint: computed(() => data.value?.includes('image') ?? false),
  }
}

/** One piece of the assistant's work at a time, which can be stopped. A failure is a message. */
function useWork() {
  const toasts = useToasts()
  const working = ref(false)
  let controller: AbortController | undefined

  async function run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    controller?.abort()
    const mine = new AbortController()
    controller = mine
    working.value = true
    try {
      return await work(mine.signal)
    } catch (error) {
      if (!mine.signal.aborted) toasts.error(describeFailure(error).message)
      return undefined
    } finally {
      if (controller === mine) working.value = false
    }
  }

  const stop = () => controller?.abort()
  onBeforeUnmount(stop)
  return { working, run, stop }
}

/** Has a description written; `onText` gets the text so far each time it grows. Resolves with the whole, if it came to an end. */
export function useDescriptionWriter() {
  const { working, run, stop } = useWork()
  const write = (name: string, tags: string[], onText: (text: string) => void) =>
    run(async (signal) => {
      let text = ''
      const whole = await api.ai.describe(
        { name, tags },
        (delta) => {
          text += delta
          onText(text.slice(0, limits.productDescription))
        },
        { signal },
      )
      onText(whole.slice(0, limits.productDescription))
      return whole
    })
  return { writing: working, write, stop }
}

/** Has a picture made; resolves with its address, a URL or a data URL. */
export function useImagePainter() {
  const { working, run, stop } = useWork()
  const paint = (name: string, description: string) =>
    run(async (signal) => (await api.ai.image({ name, description }, { signal })).image)
  return { painting: working, paint, stop }
}
