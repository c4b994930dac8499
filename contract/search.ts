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
