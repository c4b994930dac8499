/** How a search reads: the same in the API and in the store. This file imports nothing, so a browser can have it. */

/** Text as a search sees it: no case, no accents, one kind of apostrophe, compatible characters as one. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’ʼ＇]/g, "'")
    .toLowerCase()

/** The words of a search, folded; all of them must occur. */
export const searchWords = (search: string): string[] => fold(search).split(/\s+/).filter(Boolean)

const texts = new WeakMap<object, string>()

/** Whether each word of a search occurs in the name or the description of a product; `words` are those of `searchWords`. */
export function isFound(product: { name: string; description: string }, words: readonly string[]): boolean {
  if (!words.length) return true
  let text = texts.get(product)
  if (text === undefined) {
    text = fold(`${product.name}\n${product.description}`)
    texts.set(product, text)
  }
  const found = text
  return words.every((word) => found.includes(word))
}
