import { announcePages, recoverFromMissingFiles, scrollBehavior } from '@store/web-ui/pages.ts'
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
      component: () => import('./views/CatalogueView.vue'),
      beforeEnter: beginCatalogue,
    },
    {
      path: '/product/:id(\\d+)',
      component: () => import('./views/ProductView.vue'),
      beforeEnter: beginCatalogue,
      props: ({ params }) => ({ id: Number(params.id) }),
    },
    {
      path: '/cart',
      component: () => import('./views/CartView.vue'),
      beforeEnter: beginCatalogue,
      meta: { title: 'Cart' },
    },
    {
      path: '/order/:id',
      component: () => import('./views/OrderView.vue'),
      props: true,
      meta: { title: 'Your order' },
    },
    {
      path: '/orders',
      component: () => import('./views/OrdersView.vue'),
      meta: { title: 'Your orders' },
    },
    {
      path: '/:path(.*)*',
      component: () => import('./views/NowhereView.vue'),
      meta: { title: 'Page not found' },
    },
  ],
})

announcePages(router, storeTitle)
recoverFromMissingFiles(router)
