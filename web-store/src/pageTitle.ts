import { storeTitle } from './storeName.ts'

/** Names the page in the browser's tab: the store's name last, and alone on the home page. */
export function setPageTitle(title?: string) {
  document.title = title ? `${title} · ${storeTitle}` : storeTitle
}
