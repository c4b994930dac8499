import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { operations } from './operations.ts'
import { answerShape } from './shape.ts'

test('the tag of answers names their shapes: write the new name into shape.ts when one has changed', () => {
  const schemas = operations
    .filter(({ answers }) => 304 in answers)
    .flatMap(({ name, answers }) => {
      const answer = answers[200]
      return answer instanceof z.ZodType
        ? [[name, z.toJSONSchema(answer, { io: 'input', unrepresentable: 'any' })]]
        : []
    })
  expect(schemas.length).toBeGreaterThan(3)
  expect(answerShape).toBe(createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 8))
})
