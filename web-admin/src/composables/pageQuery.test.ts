import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { fakePage } from '../fakePage.ts'
import { usePageQuery, useQueryText } from './pageQuery.ts'

describe('what a page keeps in its address', () => {
  test('is read from it, and the empty text when it is not there', async () => {
    const { page } = await fakePage('/orders?state=complete', usePageQuery)
    expect([page.get('state'), page.get('from')]).toEqual(['complete', ''])
  })

  test('is set beside what else is there, and taken out by an empty text', async () => {
    const { page, address } = await fakePage('/orders?state=complete&after=x', usePageQuery)
    await page.set({ from: '2026-11-23', after: '' })
    expect(address()).toBe('/orders?state=complete&from=2026-11-23')
    expect(page.get('after')).toBe('')
  })

  test('can be set twice in one turn', async () => {
    const { page, address } = await fakePage('/orders', usePageQuery)
    await Promise.all([page.set({ from: '2026-11-01' }), page.set({ to: '2026-11-23' })])
    expect(address()).toBe('/orders?from=2026-11-01&to=2026-11-23')
  })

  test('changes in place: going back leaves the page', async () => {
    const { page, router, address } = await fakePage('/dashboard', usePageQuery)
    await router.push('/orders')
    await page.set({ state: 'all' })
    router.back()
    await vi.waitFor(() => expect(address()).toBe('/dashboard'))
  })

  test('stays as it was while the page is being left', async () => {
    const { page, router } = await fakePage('/orders?state=complete', usePageQuery)
    await router.push('/products?state=other')
    await nextTick()
    expect(page.get('state')).toBe('complete')
  })
})

describe('a text in the address', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const find = () => useQueryText('find', ['after'])

  test('follows once the typing rests, and what it makes void is taken out', async () => {
    const { page, address } = await fakePage('/orders?after=x', find)
    for (const text of ['a', 'ah', 'ahab']) {
      page.typed.value = text
      await vi.advanceTimersByTimeAsync(100)
    }
    expect([page.typed.value, page.settled.value, address()]).toEqual(['ahab', '', '/orders?after=x'])
    await vi.advanceTimersByTimeAsync(300)
    expect([page.settled.value, address()]).toEqual(['ahab', '/orders?find=ahab'])
  })

  test('is that of the address when the address changes', async () => {
    const { page, router } = await fakePage('/orders?find=ahab', find)
    expect(page.typed.value).toBe('ahab')
    await router.push('/orders?find=nemo')
    expect([page.typed.value, page.settled.value]).toEqual(['nemo', 'nemo'])
  })

  test('that is not settled yet is not written into the address of another page', async () => {
    const { page, router, leave, address } = await fakePage('/orders', find)
    page.typed.value = 'ahab'
    await router.push('/products')
    leave()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(address()).toBe('/products')
  })
})
