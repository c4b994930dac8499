import {
  announcePages,
  fetchPagesAhead,
  pageOf,
  recoverFromMissingFiles,
  scrollBehavior,
} from '@store/web-ui/pages.ts'
import { createRouter, createWebHistory } from 'vue-router'
import { beginCatalogue } from './composables/useCatalogue.ts'
import { storeTitle } from './storeName.ts'

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior,
  routes: [
    {
      path: '/',
      name: 'catalogue',
      component: pageOf(() => import('./views/CatalogueView.vue')),
      beforeEnter: beginCatalogue,
    },
    { path: '/index.html', redirect: '/' },
    {
      path: '/product/:id(\\d+)',
      component: pageOf(() => import('./views/ProductView.vue')),
      beforeEnter: beginCatalogue,
      props: ({ params }) => ({ id: Number(params.id) }),
    },
    {
      path: '/cart',
      component: pageOf(() => import('./views/CartView.vue')),
      beforeEnter: beginCatalogue,
      meta: { title: 'Cart' },
    },
    {
      path: '/order/:id',
      component: pageOf(() => import('./views/OrderView.vue')),
      beforeEnter: ({ params }) => tidyOrderAddress(String(params.id)),
      props: true,
      meta: { title: 'Your order' },
    },
    {
      path: '/orders',
      component: pageOf(() => import('./views/OrdersView.vue')),
      meta: { title: 'Your orders' },
    },
    {
      path: '/:path(.*)*',
      component: pageOf(() => import('./views/NowhereView.vue')),
      meta: { title: 'Page not found' },
    },
  ],
})

/** Where a copied link leads that took a full stop, a bracket or a space along, or lost its small letters. */
function tidyOrderAddress(id: string): true | string {
  const tidy = id.replace(/[^\w-]+$/, '').replace(/^[\dA-F-]{36}$/i, (uuid) => uuid.toLowerCase())
  return tidy === id || !/^[\w-]+$/.test(tidy) ? true : `/order/${tidy}`
}

announcePages(router, storeTitle)
recoverFromMissingFiles(router)
fetchPagesAhead(router)
