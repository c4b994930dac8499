/** Pictures of products: choosing a file, seeing it at once, storing it. */
import { limits } from '@store/contract/limits'
import { describeFailure } from '@store/web-ui'
import { onScopeDispose, ref } from 'vue'
import { api } from '../api.ts'

const types = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif']

/** For an input's `accept`. */
export const acceptedPictures = types.join(',')

/** Uploads a picture. `preview` shows it while it is on its way; `error` says why it could not be taken. */
export function usePictureUpload(onStored: (address: string) => void) {
  const preview = ref('')
  const error = ref('')
  const uploading = ref(false)
  let controller: AbortController | undefined

  async function upload(picture: Blob) {
    controller?.abort()
    forget()
    error.value = refusal(picture)
    if (error.value) return
    const mine = new AbortController()
    controller = mine
    preview.value = URL.createObjectURL(picture)
    uploading.value = true
    try {
      onStored((await api.products.uploadImage(picture, { signal: mine.signal })).image)
    } catch (failure) {
      if (controller !== mine) return
      forget()
      error.value = `The picture could not be stored. ${describeFailure(failure).message}`
    } finally {
      if (controller === mine) uploading.value = false
    }
  }

  /** Lets go of the preview. */
  function forget() {
    if (preview.value) URL.revokeObjectURL(preview.value)
    preview.value = ''
  }

  onScopeDispose(() => {
    controller?.abort()
    forget()
  })
  return { preview, error, uploading, upload, forget }
}

function refusal({ type, size }: Blob): string {
  if (!types.includes(type)) return 'Choose a picture: PNG, JPEG, WebP, GIF or AVIF.'
  if (size > limits.pictureBytes) return `A picture can have ${limits.pictureBytes / 1024 / 1024} MB at most.`
  return ''
}

/** The bytes of a `data:` URL of a picture, or null for any other address. */
export function pictureOf(address: string): Blob | null {
  const [, type, base64] = /^data:(image\/[\w.+-]+);base64,(.+)$/s.exec(address) ?? []
  if (!type || !base64) return null
  return new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type })
}
