/** The number by which people speak of an order. This file imports nothing, so a browser can have it. */

/** How the number of an order is written: ten digits in two groups, "48219-30755". */
export const orderNumberPattern = /^[1-9]\d{4}-\d{5}$/

/** The number that a text says, with or without what people write between its digits; undefined when it says none. */
export function readOrderNumber(text: string): string | undefined {
  const digits = text.replace(/[\s\p{Pd}]/gu, '')
  const number = `${digits.slice(0, 5)}-${digits.slice(5)}`
  return orderNumberPattern.test(number) ? number : undefined
}
