import { expect, test } from 'vitest'
import { operations } from './operations.ts'
import { routePattern } from './routePattern.ts'

/** What no page asks for: documents and figures for machines. */
const notOfPages = ['openApi', 'apiPage', 'catalogueMetrics', 'getTuningDataset', 'recordPage', 'metrics']
const ofPages = operations.filter(({ name }) => !notOfPages.includes(name))

test.each(ofPages.map(({ route }) => route))('%s is known by its addresses', (route) => {
  const address = `/api/${route.replace(/\{\w+\}/g, '0193577c-0000-7000-8000-000000000000')}`
  expect(routePattern(address)).toBe(`/api/${route.replace(/\{\w+\}/g, '{}')}`)
})

test('nothing of what someone typed is in it', () => {
  expect(routePattern('/api/orders/ann-miller/cancel')).toBe('/api/orders/{}/cancel')
  expect(routePattern('/api/products?search=gift+for+ann')).toBe('/api/products')
  expect(routePattern('/api/products/7#ann')).toBe('/api/products/{}')
})
