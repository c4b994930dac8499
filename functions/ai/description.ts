/** The shop's rules for a description that a model wrote. Pure. */
import type { DescriptionRequest } from '@store/contract'

/** Characters that a generated description may have; a model that goes on is stopped. */
export const longestDescription = 600

/**
 * What may go on the shelf of what a model wrote: one paragraph of plain text, no label, quotation marks, markdown or
 * list of keywords, no sentence that has the product's name (where another is left), whole sentences up to the longest
 * length. "" when nothing is left.
 */
export function tidyDescription(written: string, { name, tags }: DescriptionRequest): string {
  const plain = withoutQuotes(
    written
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/[*_`~]{1,3}(\S[^*_`~]*)[*_`~]{1,3}/g, '$1')
      .replace(/^\s*(#+\s+)?(description|answer)\s*:\s*/i, '')
      .replace(/(^|\s)#[\p{L}\p{N}_-]+/gu, '$1')
      .replace(/\s*\b(tags|keywords)\s*:.*$/i, '')
      .replace(/\s+/g, ' ')
      .trim(),
  )
  const sentences = sentencesOf(plain).filter((sentence) => !isList(sentence, tags))
  const named = mentions(name)
  const unnamed = sentences.filter((sentence) => !named.test(sentence))
  const kept = unnamed.length ? unnamed : sentences.map((sentence) => withoutName(sentence, name))
  return shortened(kept.join(' '))
}

/** The whole sentences that fit; a first sentence that does not is cut after a word. */
function shortened(text: string): string {
  if (text.length <= longestDescription) return text
  let fitting = ''
  for (const sentence of sentencesOf(text)) {
    const longer = fitting ? `${fitting} ${sentence}` : sentence
    if (longer.length > longestDescription) break
    fitting = longer
  }
  if (fitting) return fitting
  const cut = text.slice(0, longestDescription - 1)
  return `${cut.slice(0, cut.lastIndexOf(' ') > 0 ? cut.lastIndexOf(' ') : undefined).replace(/[\s,;:–—-]+$/, '')}…`
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

const sentencesOf = (text: string) =>
  Array.from(segmenter.segment(text), ({ segment }) => segment.trim()).filter(Boolean)

const withoutQuotes = (text: string) => text.match(/^["“'‘]([^"“”]*)["”'’]$/)?.[1]?.trim() ?? text

/** A "sentence" that is nothing but the keywords. */
function isList(sentence: string, tags: string[]) {
  const known = new Set(tags.map((tag) => tag.toLowerCase()))
  const words = sentence
    .toLowerCase()
    .replace(/[.!]$/, '')
    .split(/\s*[,;|·]\s*/)
  return known.size > 0 && words.every((word) => known.has(word))
}

const source = (name: string) =>
  name
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/['’‘]/g, "['’‘]")
    .replace(/\s+/g, '\\s+')

/** A name of one word counts only as it is written: "Ball" is the product, "ball" is what it is. */
const caseOf = (name: string) => (/\s/.test(name) ? 'i' : '')

const mentions = (name: string) =>
  new RegExp(`(?<![\\p{L}\\p{N}])${source(name)}(?![\\p{L}\\p{N}])`, `u${caseOf(name)}`)

/** The name in a sentence that must stay becomes a pronoun, with the article and the possessive that it had. */
const withoutName = (sentence: string, name: string) =>
  sentence.replace(
    new RegExp(
      `(?<![\\p{L}\\p{N}])((?:the|our|this)\\s+)?${source(name)}(['’]s)?(?![\\p{L}\\p{N}])`,
      `gu${caseOf(name)}`,
    ),
    (_all, _article, possessive: string | undefined, at: number) => {
      const pronoun = possessive ? 'its' : 'it'
      return at === 0 ? `I${pronoun.slice(1)}` : pronoun
    },
  )
