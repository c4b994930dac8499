/** What reasoning models on servers of one's own think aloud, `<think>…</think>`, before they answer. Pure. */

const opening = '<think>'
const closing = '</think>'

/** Of a whole text what comes after its thoughts, also where a server left out their beginning. */
export const afterThoughts = (text: string) => text.split(closing).at(-1) ?? ''

/**
 * Takes a text piece by piece, as a model writes it, and gives back what is not thought, as soon as that is known.
 * `rest` is what was held back at the end of the text.
 */
export function withoutThoughts(): { add(piece: string): string; rest(): string } {
  let waiting = ''
  let isThinking = false
  let hasBegun = false

  /** How many characters at the end of `text` may be the beginning of `tag`. */
  const partOf = (tag: string, text: string) => {
    for (let length = Math.min(tag.length - 1, text.length); length > 0; length--)
      if (tag.startsWith(text.slice(-length))) return length
    return 0
  }

  return {
    add(piece) {
      waiting += piece
      let answer = ''
      for (;;) {
        const tag = isThinking ? closing : opening
        const at = waiting.indexOf(tag)
        const end = at >= 0 ? at : waiting.length - partOf(tag, waiting)
        if (!isThinking) answer += waiting.slice(0, end)
        waiting = waiting.slice(at >= 0 ? at + tag.length : end)
        if (at < 0) break
        isThinking = !isThinking
      }
      // The answer does not begin with the line breaks that stand behind a thought.
      if (!hasBegun) answer = answer.trimStart()
      hasBegun ||= answer !== ''
      return answer
    },
    rest: () => (isThinking ? '' : waiting),
  }
}
