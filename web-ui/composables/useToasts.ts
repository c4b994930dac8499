import { readonly, shallowRef } from 'vue'

export interface Toast {
  id: number
  kind: 'success' | 'error' | 'info'
  message: string
  /** One thing the reader can do about it, e.g. undo. Doing it dismisses the toast. */
  action?: { label: string; run: () => void }
  /** Milliseconds until it goes by itself; 0 stays until dismissed. */
  duration: number
}

export type ToastOptions = Partial<Pick<Toast, 'action' | 'duration'>>

const toasts = shallowRef<readonly Toast[]>([])
let lastId = 0

function show(kind: Toast['kind'], message: string, options: ToastOptions = {}): number {
  const id = ++lastId
  // The same words twice in a row are one message.
  const others = toasts.value.filter((toast) => toast.message !== message)
  const duration = options.duration ?? (kind === 'error' || options.action ? 9_000 : 5_000)
  toasts.value = [
    ...others,
    { id, kind, message, duration, ...(options.action && { action: options.action }) },
  ]
  return id
}

function dismiss(id: number) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

/** Short messages at the foot of the page, read out by screen readers. `ToastHost` shows them, once per app. */
export function useToasts() {
  return {
    toasts: readonly(toasts),
    success: (message: string, options?: ToastOptions) => show('success', message, options),
    error: (message: string, options?: ToastOptions) => show('error', message, options),
    info: (message: string, options?: ToastOptions) => show('info', message, options),
    dismiss,
  }
}
