import { createRouter, createWebHistory } from 'vue-router'
import { setPageTitle } from './pageTitle.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** What the page is called, before the store's name; none on the home page. */
    title?: string
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'catalogue', component: () => import('./views/CatalogueView.vue') },
    {
      path: '/product/:id(\\d+)',
      name: 'product',
      component: () => import('./views/ProductView.vue'),
      props: ({ params }) => ({ id: Number(params.id) }),
    },
    { path: '/cart', name: 'cart', component: () => import('./views/CartView.vue'), meta: { title: 'Cart' } },
    {
      path: '/order/:id',
      name: 'order',
      component: () => import('./views/OrderView.vue'),
      props: true,
      meta: { title: 'Your order' },
    },
    {
      path: '/orders',
      name: 'orders',
      component: () => import('./views/OrdersView.vue'),
      meta: { title: 'Your orders' },
    },
    {
      path: '/:path(.*)*',
      name: 'nowhere',
      component: () => import('./views/NowhereView.vue'),
      meta: { title: 'Page not found' },
    },
  ],
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    // A filter changes the address and stays where it is.
    return to.path === from.path ? false : { top: 0 }
  },
})

router.afterEach((to, from) => {
  if (to.path !== from.path || !from.name) setPageTitle(to.meta.title)
})
