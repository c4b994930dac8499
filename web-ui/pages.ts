/** What both apps do when their router goes to a page. */
import { type Component, defineAsyncComponent, h, nextTick } from 'vue'
import type { RouteLocation, RouteRecordNormalized, Router, RouterScrollBehavior } from 'vue-router'
import { useToasts } from './composables/useToasts.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** What the page is called, before the site's name; none on the home page. */
    title?: string
  }
}

/** Back finds a page where it was left, another page begins at its top, and what only changes the query stays put. */
export const scrollBehavior: RouterScrollBehavior = (to, from, saved) => {
  // The first page is at its top; sending it there would have it laid out before it is complete.
  return saved ?? (isFirst(from) || to.path === from.path ? false : { top: 0 })
}

/** The app has just been opened: nothing was shown before. */
const isFirst = (from: RouteLocation) => from.matched.length === 0

/** Names the page in the browser's tab: the site's name last, and alone on the home page. */
export function setPageTitle(title: string | undefined, site: string) {
  document.title = title ? `${title} · ${site}` : site
}

/** A new page has its title, and begins at its top for whoever reads it by ear or by keyboard. */
export function announcePages(router: Router, site: string) {
  addEventListener('click', () => (opened = true), { capture: true, once: true })
  router.afterEach(async (to, from, failure) => {
    opened ||= !failure
    if (failure || (to.path === from.path && !isFirst(from))) return
    setPageTitle(to.meta.title, site)
    if (isFirst(from)) return
    await nextTick()
    document.getElementById('main')?.focus({ preventScroll: true })
  })
}

/** Fetches the code of a page. */
type PageCode = () => Promise<{ default: Component }>

/** A page as a route has it until its code is there. */
type View = () => Promise<Component | { default: Component }>

/**
 * Whether a page was shown, or somebody has clicked. The first one is waited for: nothing is there that it could take the
 * place of, but a frame with links.
 */
let opened = false

/**
 * A page as a route has it. Its address is the browser's in the turn of the click, however long the code takes to come:
 * whoever clicks again, or copies the address, must not meet the page before.
 */
export function pageOf(code: PageCode): View {
  const open: View = async () => (opened ? pageToCome(code) : code())
  return Object.assign(open, { code })
}

function pageToCome(code: PageCode): Component {
  return defineAsyncComponent({
    loader: code,
    delay: 0,
    loadingComponent: {
      render: () =>
        h('div', { class: 'page-to-come' }, h('p', { class: 'visually-hidden', role: 'status' }, 'Loading…')),
    },
    onError(_error, _retry, fail) {
      fail()
      recover(location.pathname + location.search)
    },
  })
}

/**
 * Fetches the code of pages before they are asked for, so that a click shows them at once: all of it once the
 * page is loaded and nothing else is to do, and that of a link before, when it is pointed at or has the focus.
 */
export function fetchPagesAhead(router: Router) {
  const fetched = new Set<unknown>()
  /** One after the other, so that pictures of the page need not share the network with all of it. */
  const fetchCode = async (records: readonly RouteRecordNormalized[]) => {
    for (const { components } of records) {
      const page = components?.default as { code?: PageCode } | undefined
      if (!components || !page?.code || fetched.has(page)) continue
      fetched.add(page)
      try {
        const { default: code } = await page.code()
        // What the router's record has is drawn in the turn of the click.
        if (components.default === page) components.default = code
      } catch {
        // It is fetched again, and told of, when the page is asked for.
        fetched.delete(page)
      }
    }
  }
  const fetchLinked = ({ target }: Event) => {
    const link = target instanceof Element && target.closest<HTMLAnchorElement>('a[href^="/"]')
    if (link) void fetchCode(router.resolve(link.getAttribute('href') ?? '').matched)
  }
  for (const event of ['pointerover', 'pointerdown', 'focusin']) addEventListener(event, fetchLinked)

  const whenIdle = globalThis.requestIdleCallback ?? setTimeout
  addEventListener('load', () => whenIdle(() => void fetchCode(router.getRoutes())))
}

/**
 * A page opened before a release asks for files that are gone: its address, loaded anew, has the new ones. That is tried
 * once; what fails then, or without a network, is said in a message, which offers to try again.
 */
export function recoverFromMissingFiles(router: Router) {
  router.onError((_error, to) => recover(to.fullPath))
  router.afterEach((_to, _from, failure) => {
    if (!failure) session()?.removeItem(tried)
  })
}

function recover(address: string) {
  const open = () => location.assign(address)
  if (navigator.onLine && isFirstTry(address)) open()
  else
    useToasts().error('This page could not be loaded. Check your connection and try again.', {
      action: { label: 'Try again', run: open },
      duration: 0,
    })
}

const tried = 'loadedAnew'

function isFirstTry(address: string): boolean {
  const storage = session()
  if (!storage || storage.getItem(tried) === address) return false
  storage.setItem(tried, address)
  return true
}

/** Session storage, or undefined where the browser refuses it. */
function session(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}
