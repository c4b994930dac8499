import { NewProduct } from '@store/contract'
import { expect, test } from 'vitest'
import {
  checkFields,
  emptyFields,
  fieldsOf,
  placeholderImage,
  productOf,
  steppedPrice,
  tagsOf,
} from './productForm.ts'

const good = {
  ...emptyFields(),
  name: ' Anchor Chew ',
  price: '9,99',
  keywords: 'dog, rope',
  description: ' Tough. ',
}

test('good fields make a product that the contract accepts', () => {
  expect(checkFields(good)).toEqual({})
  expect(productOf(good)).toEqual({
    name: 'Anchor Chew',
    price: 9.99,
    description: 'Tough.',
    image: placeholderImage,
  })
  expect(NewProduct.safeParse(productOf(good)).success).toBe(true)
})

test('every empty field that is needed is named', () => {
  expect(Object.keys(checkFields(emptyFields())).sort()).toEqual(['description', 'name', 'price'])
})

test.each(['-1', '1.234', 'ten', '1e3', '1 000', '9999999'])('the price %j is refused', (price) => {
  expect(checkFields({ ...good, price }).price).toBeTruthy()
})

test.each(['0', '12', '3.5', '1000000'])('the price %j is accepted, as the contract does', (price) => {
  expect(checkFields({ ...good, price })).toEqual({})
  expect(NewProduct.safeParse(productOf({ ...good, price })).success).toBe(true)
})

test('a picture that browsers would not show is refused', () => {
  expect(checkFields({ ...good, image: ' HTTP://pictures.example/a.png' }).image).toBeTruthy()
  expect(checkFields({ ...good, image: 'https://pictures.example/a.png' })).toEqual({})
})

test('text longer than the contract takes is refused', () => {
  expect(Object.keys(checkFields({ ...good, name: 'a'.repeat(201), description: 'b'.repeat(4001) }))).toEqual(
    ['name', 'description'],
  )
})

test('a product comes back as the fields it was made of', () => {
  const product = { name: 'Rope', price: 5, description: 'Long', image: '/images/a.svg' }
  expect(productOf(fieldsOf(product))).toEqual(product)
})

test('keywords are parted by commas and the like', () => {
  expect(tagsOf(' dog, chew toy;;rope\n')).toEqual(['dog', 'chew toy', 'rope'])
})

test('the arrow keys change a price by one, within what a price may be', () => {
  expect(steppedPrice('9,99', 1)).toBe('10.99')
  expect(steppedPrice('', 1)).toBe('1.00')
  expect(steppedPrice('0.50', -1)).toBe('0.00')
  expect(steppedPrice('1000000', 1)).toBe('1000000.00')
  expect(steppedPrice('9.9.9', 1)).toBe('9.9.9')
})
