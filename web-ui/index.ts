/** What both web apps share: design, components, composables. Styles: import '@store/web-ui/styles/index.css'. */
export { default as AppHeader } from './components/AppHeader.vue'
export { default as ConfirmHost } from './components/ConfirmHost.vue'
export { default as ErrorState } from './components/ErrorState.vue'
export { default as LoadingState } from './components/LoadingState.vue'
export { default as ProductPicture } from './components/ProductPicture.vue'
export { default as SkipLink } from './components/SkipLink.vue'
export { default as StatusBadge } from './components/StatusBadge.vue'
export { default as ThemeToggle } from './components/ThemeToggle.vue'
export { default as ToastHost } from './components/ToastHost.vue'
export { default as UiButton } from './components/UiButton.vue'
export { default as UiDialog } from './components/UiDialog.vue'
export { default as UiField } from './components/UiField.vue'
export { default as UiIcon } from './components/UiIcon.vue'
export { default as UiPrice } from './components/UiPrice.vue'
export { default as UiState } from './components/UiState.vue'
export { useConfirm } from './composables/useConfirm.ts'
export { useKeptFocus } from './composables/useKeptFocus.ts'
export { useOnline } from './composables/useOnline.ts'
export { restoreTheme, useTheme } from './composables/useTheme.ts'
export { useToasts } from './composables/useToasts.ts'
export { describeFailure, type Failure } from './failure.ts'
export {
  exactAmount,
  formatDateTime,
  formatPrice,
  formatShortPrice,
  formatTime,
  priceDecimals,
} from './formatting.ts'
export type { IconName } from './icons.ts'
export { announcePages, fetchPagesAhead, pageOf, recoverFromMissingFiles, scrollBehavior } from './pages.ts'
export { states } from './states.ts'
export { totalOf } from './totalOf.ts'
