import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { useLive } from './live.ts'

describe('a page that keeps itself up to date', () => {
  const browser = { visibilityState: 'visible', onLine: true }
  const refresh = vi.fn<() => Promise<void>>()
  let scope: ReturnType<typeof effectScope>

  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('document', browser)
    vi.stubGlobal('navigator', browser)
    Object.assign(browser, { visibilityState: 'visible', onLine: true })
    refresh.mockReset().mockResolvedValue()
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  /** The same, on a page that is there. */
  function live() {
    const it = scope.run(() => useLive(refresh, 1_000))
    if (!it) throw new Error('The scope has ended')
    return it
  }

  test('asks again and again until it is left', async () => {
    live()
    await vi.advanceTimersByTimeAsync(3_500)
    expect(refresh).toHaveBeenCalledTimes(3)
    scope.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(refresh).toHaveBeenCalledTimes(3)
  })

  test.each([
    ['nobody looks', { visibilityState: 'hidden' }, { visibilityState: 'visible' }],
    ['there is no network', { onLine: false }, { onLine: true }],
  ])('asks nothing while %s, and goes on afterwards', async (_when, trouble, wellAgain) => {
    live()
    Object.assign(browser, trouble)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(refresh).not.toHaveBeenCalled()
    Object.assign(browser, wellAgain)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(refresh).toHaveBeenCalledOnce()
  })

  test('asks nothing while it is paused, and at once when it goes on', async () => {
    const { paused, toggle } = live()
    toggle()
    expect(paused.value).toBe(true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(refresh).not.toHaveBeenCalled()
    toggle()
    expect(refresh).toHaveBeenCalledOnce()
  })

  test('a failure does not end it', async () => {
    refresh.mockRejectedValueOnce(new Error('away'))
    live()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  test('never asks twice at once, nor twice as often, when it is paused and resumed during an answer', async () => {
    const { toggle } = live()
    let answer = () => {}
    refresh.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)))
    await vi.advanceTimersByTimeAsync(1_000)
    toggle()
    toggle()
    expect(refresh).toHaveBeenCalledOnce()
    answer()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(refresh).toHaveBeenCalledTimes(4)
  })
})
