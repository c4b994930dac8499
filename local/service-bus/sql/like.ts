/** Whether a text fits a pattern: `%` stands for any characters, `_` for one; an escaped one for itself. */
export function isLike(text: string, pattern: string, escapeCharacter?: string): boolean {
  const parts = patternParts(pattern, escapeCharacter)
  // Greedy with one step back to the last `%`: the time is bounded by text × pattern.
  let at = 0
  let part = 0
  let lastAny = -1
  let resume = 0
  while (at < text.length) {
    const wanted = parts[part]
    if (wanted === any) {
      lastAny = part++
      resume = at
    } else if (wanted !== undefined && (wanted === one || wanted === text[at])) {
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

const any = Symbol('%')
const one = Symbol('_')

function patternParts(pattern: string, escapeCharacter: string | undefined): (string | symbol)[] {
  const parts: (string | symbol)[] = []
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string
    if (character === escapeCharacter && i + 1 < pattern.length) parts.push(pattern[++i] as string)
    else parts.push(character === '%' ? any : character === '_' ? one : character)
  }
  return parts
}
