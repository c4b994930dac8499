/** A pattern of LIKE as a test: `%` any characters, `_` one, `[a-f]` and `[^a-f]` one of a set. */
export function likeTest(pattern: string, escapeCharacter?: string): (text: string) => boolean {
  const parts = partsOf(pattern, escapeCharacter)
  return (text) => fits(text, parts)
}

/** The text that whatever fits the pattern begins with. */
export function likePrefix(pattern: string, escapeCharacter?: string): { prefix: string; isAll: boolean } {
  const parts = partsOf(pattern, escapeCharacter)
  const end = parts.findIndex((part) => typeof part !== 'string')
  const prefix = (end < 0 ? parts : parts.slice(0, end)).join('')
  return { prefix, isAll: end < 0 }
}

const any = Symbol('%')
const one = Symbol('_')

/** A character, a wildcard, or a set of characters. */
type Part = string | symbol | RegExp

function partsOf(pattern: string, escapeCharacter: string | undefined): Part[] {
  const parts: Part[] = []
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i)
    if (character === escapeCharacter && i + 1 < pattern.length) parts.push(pattern.charAt(++i))
    else if (character === '%') parts.push(any)
    else if (character === '_') parts.push(one)
    else {
      const end = character === '[' ? pattern.indexOf(']', i + 2) : -1
      parts.push(end < 0 ? character : setOf(pattern.slice(i + 1, end)))
      if (end >= 0) i = end
    }
  }
  return parts
}

function setOf(inside: string): RegExp {
  const negative = inside.length > 1 && inside.startsWith('^')
  const members = (negative ? inside.slice(1) : inside).replaceAll(/[\\\]^[]/g, '\\$&')
  try {
    return new RegExp(`^[${negative ? '^' : ''}${members}]$`, 's')
  } catch {
    return /(?!)/
  }
}

const takes = (part: Part | undefined, character: string) =>
  part === one || part === character || (part instanceof RegExp && part.test(character))

/** Greedy with one step back to the last `%`: the time is bounded by text × pattern. */
function fits(text: string, parts: readonly Part[]): boolean {
  let at = 0
  let part = 0
  let lastAny = -1
  let resume = 0
  while (at < text.length) {
    if (parts[part] === any) {
      lastAny = part++
      resume = at
    } else if (takes(parts[part], text.charAt(at))) {
      part++
      at++
    } else if (lastAny >= 0) {
      part = lastAny + 1
      at = ++resume
    } else return false
  }
  while (parts[part] === any) part++
  return part === parts.length
}
