import { expect, test } from 'vitest'
import { useConfirm, useQuestion } from './useConfirm.ts'

const confirm = useConfirm()
const question = useQuestion()

test('the answer comes back to whoever asked', async () => {
  const answer = confirm({ title: 'Sure?', confirmLabel: 'Yes' })
  expect(question.value?.title).toBe('Sure?')
  question.value?.answer(true)
  expect(await answer).toBe(true)
  expect(question.value).toBeUndefined()
})

test('a second question takes the place of the first, which is answered with no', async () => {
  const first = confirm({ title: 'First?', confirmLabel: 'Yes' })
  const second = confirm({ title: 'Second?', confirmLabel: 'Yes' })
  expect(await first).toBe(false)
  question.value?.answer(true)
  expect(await second).toBe(true)
})
