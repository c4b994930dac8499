import { TuningDataset } from '@store/contract'
import { expect, test } from 'vitest'
import { tuningDataset } from './tuningDataset.ts'

const product = (id: number, name: string) => ({ id, name, price: 0.1, description: `${name}!`, image: '/i' })

test('fifteen different questions about each product, answered from what is known of it', () => {
  const dataset = tuningDataset([product(1, 'Rope'), product(2, 'Bed')])
  expect(TuningDataset.parse(dataset)).toEqual(dataset)
  const questions = dataset.map(({ messages: [{ content }] }) => content)
  expect(new Set(questions).size).toBe(30)
  const answerTo = (question: string) =>
    dataset.find(({ messages }) => messages[0].content === question)?.messages[1].content
  expect(answerTo('What is the Rope?')).toBe('Rope!')
  expect(answerTo('What do three of the Bed come to?')).toBe('Three come to $0.30.')
  expect(tuningDataset([])).toEqual([])
  const inYen = tuningDataset([{ ...product(1, 'Rope'), price: 1200 }], 'JPY')
  expect(JSON.stringify(inYen)).toContain('Three come to ¥3,600.')
})
