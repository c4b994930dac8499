/** What the stand-in writes: it follows from the product alone. */
import { createHash } from 'node:crypto'
import type { FailureKind } from './failures.ts'

/** What the stand-in finds in a conversation: the last message, which may be a product as JSON. */
export interface Subject {
  text: string
  name?: string | undefined
  keywords?: string[] | undefined
}

/** Every text begins with this, so that nobody takes it for a model's. */
export const standInMark = 'Stand-in text, written without any model:'

const openings = [
  'a small thing with a large opinion of itself, and your sofa will soon agree.',
  'washed ashore with the morning tide, claimed by the first whiskers on deck.',
  'approved by a captain with four paws, who has approved nothing else this year.',
  'it promises nothing, delivers joy, and hides under the cupboard by noon.',
]
const middles = [
  'Throw it, and learn who in this household fetches.',
  'Leave it out overnight and wake to a mystery.',
  'It survives teeth, weather and the long stare before dinner.',
  'One sniff, and the afternoon has a plan.',
]
const endings = [
  'Sailors tell of it; dogs have told no one.',
  'Your cat will pretend not to care, beautifully.',
  'All hands on deck, all paws on this.',
  'The tide brings many things, but seldom one so silly.',
]

/** A text about a subject: the same for the same subject, or one that breaks the rules as told. */
export function answerText(subject: Subject, failure?: FailureKind): string {
  const hash = createHash('sha256').update(subject.text).digest()
  const pick = (from: string[], at: number) => from[(hash[at] ?? 0) % from.length] ?? ''
  const text = `${standInMark} ${pick(openings, 0)} ${pick(middles, 1)} ${pick(endings, 2)}`
  switch (failure) {
    case 'empty':
      return ''
    case 'decline':
      return 'I cannot help with that.'
    case 'endless':
      return Array.from({ length: 500 }, (_, n) => `${middles[n % middles.length]}`).join(' ')
    case 'unruly': {
      const { name = 'This', keywords = [] } = subject
      return `**Description:** "${text} ${name} is all of it. #${keywords[0] ?? 'pets'} ${keywords.join(', ')}."\nTags: ${keywords.join(', ')}`
    }
    default:
      return text
  }
}
