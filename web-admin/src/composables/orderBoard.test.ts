import { ApiError } from '@store/contract/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { api } from '../api.ts'
import { fakePage } from '../fakePage.ts'
import { sampleOrder } from '../sampleOrder.ts'
import { type BoardQuery, useBoardFilters, useOrderPage } from './orderBoard.ts'

const id = '0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'

describe('what the board asks for', () => {
  const asked = async (address: string) => (await fakePage(address, useBoardFilters)).page.query.value

  test.each<[string, Partial<BoardQuery>]>([
    ['', { state: 'pending' }],
    ['?state=complete', { state: 'complete' }],
    ['?state=all', { state: undefined }],
    ['?state=nonsense', { state: 'pending' }],
    ['?find=+ahab+', { customerId: 'ahab', state: 'pending' }],
    ['?after=x', { continuation: 'x', state: 'pending' }],
  ])('at the address /orders%s is %j', async (query, wanted) => {
    expect(await asked(`/orders${query}`)).toMatchObject(wanted)
  })

  test('the days of the address count whole', async () => {
    const { from, to } = await asked('/orders?from=2026-11-21&to=2026-11-23')
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(3 * 24 * 3_600_000)
  })

  test('an id is looked for in every state', async () => {
    expect(await asked(`/orders?state=complete&find=${id.toUpperCase()}`)).toEqual({ orderId: id })
  })

  test('what reads as an order number is one', async () => {
    expect(await asked('/orders?find=48219+30755')).toMatchObject({ number: '48219-30755' })
  })

  test.each([`${id}0`, id.slice(1), id.replaceAll('-', '')])(
    'a text that is no whole id, %s, is a customer',
    async (text) => {
      expect(await asked(`/orders?find=${text}`)).toMatchObject({ customerId: text })
    },
  )
})

describe('the filters of the board', () => {
  test('begin at the newest orders again with every change', async () => {
    const { page, address } = await fakePage('/orders?state=complete&after=x', useBoardFilters)
    page.from.value = '2026-11-23'
    await vi.waitFor(() => expect(address()).toBe('/orders?state=complete&from=2026-11-23'))
    expect(page.linkTo('all').query).toEqual({ state: 'all', from: '2026-11-23' })
    expect(page.linkTo('pending').query).toEqual({ from: '2026-11-23' })
    expect(page.linkToPage('y').query).toEqual({ state: 'complete', from: '2026-11-23', after: 'y' })
  })

  test('are taken away at once, but for the state', async () => {
    const { page, address } = await fakePage('/orders?state=all&find=ahab&from=2026-11-21', useBoardFilters)
    await page.clear()
    expect([page.typed.value, address()]).toEqual(['', '/orders?state=all'])
  })

  test('an id leads to its order before the typing has settled', async () => {
    const { page } = await fakePage('/orders', useBoardFilters)
    page.typed.value = 'ahab'
    expect(page.typedOrder()).toBeUndefined()
    page.typed.value = ` ${id} `
    expect(page.typedOrder()).toBe(`/order/${id}`)
  })
})

describe('a page of orders', () => {
  const list = vi.spyOn(api.orders, 'list')
  const get = vi.spyOn(api.orders, 'get')
  const pages: { leave(): void }[] = []

  beforeEach(() => {
    vi.useFakeTimers()
    const browser = Object.assign(new EventTarget(), { visibilityState: 'visible', onLine: true })
    vi.stubGlobal('document', browser)
    vi.stubGlobal('navigator', browser)
    list.mockReset()
    get.mockReset()
  })
  afterEach(() => {
    for (const page of pages.splice(0)) page.leave()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  const holds = (...ids: string[]) =>
    list.mockResolvedValue({ orders: ids.map((id) => sampleOrder('pending', id)), continuation: null })

  async function board(query: () => BoardQuery) {
    const opened = await fakePage('/orders', () => useOrderPage(query))
    pages.push(opened)
    await vi.advanceTimersByTimeAsync(10)
    const { page, fresh } = opened.page
    return { fresh, shown: () => page.value?.orders.map(({ orderId }) => orderId) }
  }

  test('keeps itself up to date, and tells what has come in since', async () => {
    holds('1')
    const { shown, fresh } = await board(() => ({ state: 'pending' }))
    expect([shown(), [...fresh.value]]).toEqual([['1'], []])
    holds('2', '1')
    await vi.advanceTimersByTimeAsync(4_000)
    expect([shown(), [...fresh.value]]).toEqual([['2', '1'], ['2']])
  })

  test('an order that leaves the page and comes back is no news', async () => {
    holds('2', '1')
    const { fresh } = await board(() => ({ state: 'pending' }))
    holds('1')
    await vi.advanceTimersByTimeAsync(4_000)
    holds('2', '1')
    await vi.advanceTimersByTimeAsync(4_000)
    expect([...fresh.value]).toEqual([])
  })

  test('of an id holds that order', async () => {
    get.mockResolvedValue({ value: sampleOrder('pending', id), etag: '"1"' })
    const { shown } = await board(() => ({ orderId: id }))
    expect(shown()).toEqual([id])
    expect(list).not.toHaveBeenCalled()
  })

  test('of an id that is not there is empty', async () => {
    get.mockRejectedValue(new ApiError({ type: 'about:blank', title: 'Not Found', status: 404, detail: '' }))
    const { shown } = await board(() => ({ orderId: id }))
    expect(shown()).toEqual([])
  })
  test('of a number holds its order in whatever state, and is of the customer who is called so when there is none', async () => {
    holds('1')
    const query = { number: '48219-30755', customerId: '4821930755', state: 'pending' as const }
    expect((await board(() => query)).shown()).toEqual(['1'])
    expect(list).toHaveBeenCalledExactlyOnceWith({ number: '48219-30755' }, expect.anything())
    list.mockReset().mockImplementation(async ({ customerId } = {}) => ({
      orders: customerId ? [sampleOrder('pending', '2')] : [],
      continuation: null,
    }))
    expect((await board(() => ({ ...query, limit: 25 }))).shown()).toEqual(['2'])
  })
})
