/** The words in what a model writes: a text, or parts of which some servers make one. Thoughts and pictures are no words. */

/** @param content `delta.content` of a chunk, whatever it is. */
export function writtenText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map(textOfPart).join('')
}

function textOfPart(part: unknown): string {
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
  return type === 'text' && typeof text === 'string' ? text : ''
}
