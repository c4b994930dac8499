import { afterEach, expect, test, vi } from 'vitest'
import { useToasts } from './useToasts.ts'

const toasts = useToasts()

afterEach(() => {
  for (const { id } of toasts.toasts.value) toasts.dismiss(id)
})

test('messages come in the order they were said, and the same words twice are one', () => {
  toasts.info('Link copied')
  toasts.success('Saved')
  toasts.info('Link copied')
  expect(toasts.toasts.value.map(({ message }) => message)).toEqual(['Saved', 'Link copied'])
})

test('a message with something to do stays longer, and keeps what is to be done', () => {
  const undo = vi.fn()
  toasts.info('Removed', { action: { label: 'Undo', run: undo } })
  toasts.info('Copied')
  const [removed, copied] = toasts.toasts.value
  expect(removed?.duration).toBeGreaterThan(copied?.duration ?? 0)
  removed?.action?.run()
  expect(undo).toHaveBeenCalledOnce()
})

test('a message that is dismissed is gone', () => {
  const id = toasts.error('No')
  toasts.dismiss(id)
  expect(toasts.toasts.value).toEqual([])
})
