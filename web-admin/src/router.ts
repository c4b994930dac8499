import {
  announcePages,
  fetchPagesAhead,
  pageOf,
  recoverFromMissingFiles,
  scrollBehavior,
} from '@store/web-ui'
import { createRouter, createWebHistory } from 'vue-router'
import { loadSession, useSession } from './session.ts'
import { portalName } from './settings.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Seen without the role `admin`, and without the frame of the portal. */
    open?: true
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior,
  routes: [
    { path: '/', alias: '/index.html', redirect: '/orders' },
    { path: '/orders', component: pageOf(() => import('./views/OrdersView.vue')) },
    {
      path: '/order/:orderId',
      props: true,
      component: pageOf(() => import('./views/OrderView.vue')),
      meta: { title: 'Order' },
    },
    {
      path: '/products',
      component: pageOf(() => import('./views/ProductsView.vue')),
      meta: { title: 'Products' },
    },
    {
      path: '/products/new',
      component: pageOf(() => import('./views/NewProductView.vue')),
      meta: { title: 'Add product' },
    },
    {
      path: '/product/:id(\\d+)',
      props: ({ params }) => ({ id: Number(params.id) }),
      component: pageOf(() => import('./views/EditProductView.vue')),
      meta: { title: 'Edit product' },
    },
    {
      path: '/dashboard',
      component: pageOf(() => import('./views/DashboardView.vue')),
      meta: { title: 'Dashboard' },
    },
    {
      path: '/makeline',
      component: pageOf(() => import('./views/MakelineView.vue')),
      meta: { title: 'Makeline' },
    },
    {
      path: '/sign-in',
      component: pageOf(() => import('./views/SignInView.vue')),
      meta: { title: 'Sign in', open: true },
    },
    {
      path: '/forbidden',
      component: pageOf(() => import('./views/ForbiddenView.vue')),
      meta: { title: 'No access', open: true },
    },
    {
      path: '/:path(.*)*',
      component: pageOf(() => import('./views/NotFoundView.vue')),
      meta: { title: 'Page not found' },
    },
  ],
})

const { principal, isAdmin } = useSession()

router.beforeEach(async (to) => {
  if (to.meta.open || isAdmin.value) return true
  // The page's code comes while the sign-in is being read, not after.
  for (const { components } of to.matched) fetchAhead(components?.default)
  const answered = await loadSession()
  if (!answered || isAdmin.value) return true
  if (principal.value) return '/forbidden'
  return { path: '/sign-in', query: { post_login_redirect_uri: to.fullPath } }
})

/** Starts to load a page's code; the router finds it loaded, or loads it again if this failed. */
function fetchAhead(component: unknown) {
  if (typeof component === 'function') void Promise.resolve(component()).catch(() => {})
}

announcePages(router, portalName)
recoverFromMissingFiles(router)
fetchPagesAhead(router)
