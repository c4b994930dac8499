import { useConfirm } from '@store/web-ui'
import { onBeforeUnmount, onMounted } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

/** Asks before a page is left whose work is not saved. */
export function useUnsavedGuard(isUnsaved: () => boolean) {
  const confirm = useConfirm()

  onBeforeRouteLeave(async () => {
    if (!isUnsaved()) return true
    return confirm({
      title: 'Leave without saving?',
      message: 'What you have changed on this page is lost.',
      confirmLabel: 'Leave',
      cancelLabel: 'Stay',
      danger: true,
    })
  })

  const warn = (event: BeforeUnloadEvent) => {
    if (isUnsaved()) event.preventDefault()
  }
  onMounted(() => window.addEventListener('beforeunload', warn))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', warn))
}
