import { expect, test } from 'vitest'
import { effectScope } from 'vue'
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

test('a question is answered with no when the page that asked it is left, and one of another page is not', async () => {
  const page = effectScope()
  const confirmOnPage = page.run(useConfirm) ?? confirm
  const left = confirmOnPage({ title: 'Here?', confirmLabel: 'Yes' })
  page.stop()
  expect(await left).toBe(false)
  expect(question.value).toBeUndefined()

  const other = effectScope()
  const answered = (other.run(useConfirm) ?? confirm)({ title: 'There?', confirmLabel: 'Yes' })
  question.value?.answer(true)
  expect(await answered).toBe(true)
  void confirm({ title: 'Elsewhere?', confirmLabel: 'Yes' })
  other.stop()
  expect(question.value?.title).toBe('Elsewhere?')
})
