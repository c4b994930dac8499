import { PiniaColada } from '@pinia/colada'
import { createPinia } from 'pinia'
import { createApp, effectScope } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { queryOptions } from './api.ts'

/** A page without a browser, for the tests of composables: the app's plugins, and an address that can change. */
export async function fakePage<T>(address: string, setup: () => T) {
  const component = { render: () => null }
  const routes = [{ path: '/:path(.*)', component }]
  const router = createRouter({ history: createMemoryHistory(), routes })
  const app = createApp(component).use(createPinia()).use(PiniaColada, { queryOptions }).use(router)
  await router.push(address)
  const scope = effectScope(true)
  const page = app.runWithContext(() => scope.run(setup))
  if (!page) throw new Error('The scope has ended')
  return {
    page,
    router,
    /** Its address, from the path on. */
    address: () => decodeURIComponent(router.currentRoute.value.fullPath),
    leave: () => scope.stop(),
  }
}
