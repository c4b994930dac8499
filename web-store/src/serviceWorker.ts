/// <reference lib="webworker" />
/**
 * The service worker: the app's own files come from the cache, the catalogue from the network while there is one.
 * What a visitor does (orders, cancelling, following) always goes to the API and is never cached.
 */
declare const self: ServiceWorkerGlobalScope
/** The build puts its list of files here: their names change when they do. */
declare const __BUILD_FILES__: string[]

const files = __BUILD_FILES__
const shell = `shell-${files.map((file) => file.split(/[-.]/).at(-2)).join('')}`
/** Outlives a release: what a visitor saw stays readable offline. */
const seen = 'seen'

interface Product {
  id: number
  image: string
}

/** Pictures of the pages themselves. */
const pagePictures = [
  'icons',
  'logo',
  'hero',
  'wave',
  'placeholder',
  'states/empty',
  'states/error',
  'states/offline',
].map((name) => `/images/${name}.svg`)

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll(['/', ...files]))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((name) => name !== shell && name !== seen).map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim())
      .then(() => keepCatalogue(event))
      // Without it the store works, just not offline.
      .catch(() => undefined),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    // Sign-in and the API answer navigations of their own.
    if (!/^\/(api|\.auth)\//.test(url.pathname)) event.respondWith(fetch(request).catch(() => cachedPage()))
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(cacheFirst(request))
  } else if (/^\/api\/products(\/\d+)?$/.test(url.pathname)) {
    event.respondWith(networkFirst(event, request))
  } else if (/^(\/api\/products)?\/images\/|^\/favicon\.svg$/.test(url.pathname)) {
    event.respondWith(staleWhileRevalidate(event, request))
  }
})

/** One visit is enough to read the catalogue offline: what the first page loaded before this worker was there is kept too. */
async function keepCatalogue(event: ExtendableEvent): Promise<void> {
  const answer = await fetchAndKeep(event, new Request('/api/products'))
  const products = (await answer.clone().json()) as Product[]
  const own = products.map(({ image }) => image).filter((image) => image.startsWith('/'))
  const addresses = [...pagePictures, ...own.slice(0, 100)]
  await Promise.allSettled(addresses.map((address) => fetchAndKeep(event, new Request(address))))
}

/** What the catalogue has no more need not be kept: neither the product nor its picture. */
async function forgetAllBut(products: Product[]): Promise<void> {
  const known = new Set(products.flatMap(({ id, image }) => [`/api/products/${id}`, image]))
  for (const address of ['/api/products', '/favicon.svg', ...pagePictures]) known.add(address)
  const cache = await caches.open(seen)
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url)
    if (!known.has(pathname + search)) await cache.delete(request)
  }
}

/** Every page is the same document; the address decides what it shows. */
async function cachedPage(): Promise<Response> {
  return (await caches.match('/')) ?? Response.error()
}

async function cacheFirst(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

async function networkFirst(event: FetchEvent, request: Request): Promise<Response> {
  try {
    const response = await fetchAndKeep(event, request)
    if (response.ok && request.url.endsWith('/api/products'))
      event.waitUntil(response.clone().json().then(forgetAllBut))
    return response
  } catch (error) {
    const kept = await caches.match(request)
    if (kept) return kept
    throw error
  }
}

async function staleWhileRevalidate(event: FetchEvent, request: Request): Promise<Response> {
  const kept = await caches.match(request)
  const fresh = fetchAndKeep(event, request)
  if (!kept) return fresh
  event.waitUntil(fresh.catch(() => undefined))
  return kept
}

async function fetchAndKeep(event: ExtendableEvent, request: Request): Promise<Response> {
  const response = await fetch(request)
  if (response.ok) event.waitUntil(keep(request, response.clone()))
  return response
}

/** A full disk is no reason to keep an answer from the page. */
async function keep(request: Request, response: Response): Promise<void> {
  const cache = await caches.open(seen)
  await cache.put(request, response).catch(() => undefined)
}

export {}
