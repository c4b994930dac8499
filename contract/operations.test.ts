/** The table of the API, and the further names that the demo's clients know its operations by. */
import { expect, test } from 'vitest'
import { aliases } from './aliases.ts'
import { type Operation, operations, problemsOf } from './operations.ts'

const operation = (name: string) => operations.find((one) => one.name === name) as Operation

// 403 and 415: a page of another site changes nothing, nor does a form. 401 and 403: employees only. 400, 413, 415: a
// body. 404: something that is named in the address.
test.each([
  ['listProducts', [400, 503]],
  ['getProduct', [404, 503]],
  ['placeOrder', [400, 403, 413, 415, 422, 429, 503]],
  ['cancelOrder', [403, 404, 409, 415, 503]],
  ['getQueueDepth', [401, 403, 503]],
  ['resubmitDeadLetter', [401, 403, 404, 409, 415, 503]],
  ['discardDeadLetter', [401, 403, 404, 409, 415, 503]],
  ['updateOrder', [400, 401, 403, 404, 409, 413, 415, 503]],
])('%s may answer the problems %j', (name, statuses) => {
  expect(problemsOf(operation(name))).toEqual(statuses)
})

test('no two operations are asked for alike, also by their other names', () => {
  const asked = [...operations, ...aliases].map(({ method, route }) => `${method} ${route}`)
  expect(new Set(asked).size).toBe(asked.length)
  const names = [...operations, ...aliases].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

// Azure-Samples/aks-store-demo: what its web apps, simulators and probes ask for (docs/demo.md).
test.each([
  ['POST', 'order', 'placeOrder'],
  ['POST', 'products', 'createProduct'],
  ['PUT', 'products', 'updateProduct'],
  ['DELETE', 'products/{id}', 'deleteProduct'],
  ['GET', 'products/ai/health', 'aiHealth'],
  ['POST', 'products/ai/generate/description', 'generateDescription'],
  ['POST', 'products/ai/generate/image', 'generateImage'],
  ['GET', 'products/ai/tuning/dataset', 'getTuningDataset'],
  ['GET', 'products/health', 'health'],
  ['GET', 'order/health', 'health'],
  ['GET', 'orders/health', 'health'],
  ['GET', 'makeline/health', 'health'],
])("the demo's %s %s is %s", (method, route, of) => {
  const alias = aliases.find((one) => one.method === method && one.route === route)
  expect(alias?.of).toBe(of)
  expect(alias?.name).toMatch(/^alias[A-Z]/)
  expect(operation(of).method).toBe(method)
})
