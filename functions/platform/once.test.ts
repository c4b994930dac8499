import { expect, test, vi } from 'vitest'
import { once } from './once.ts'

test('what is made is made once, also for two who ask at the same time', async () => {
  const make = vi.fn(async () => ({}))
  const get = once(make)
  expect(make).not.toHaveBeenCalled()
  const [one, other] = await Promise.all([get(), get()])
  expect(one).toBe(other)
  expect(await get()).toBe(one)
  expect(make).toHaveBeenCalledOnce()
})

test('a failure is told to those who waited for it, and the next one tries again', async () => {
  const make = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValue('made')
  const get = once(make)
  const waiting = [get(), get()]
  for (const one of waiting) await expect(one).rejects.toThrow('away')
  expect(await get()).toBe('made')
  expect(make).toHaveBeenCalledTimes(2)
})
