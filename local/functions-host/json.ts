/** JSON as the real host's parser takes it: with a byte order mark, comments and trailing commas, where there are any. */

const stringOrComment = /"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*.*?\*\//gs
const stringOrTrailingComma = /"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/gs

/** @throws {SyntaxError} */
export function parseJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '')
  try {
    return JSON.parse(json)
  } catch {
    return JSON.parse(json.replace(stringOrComment, keepString).replace(stringOrTrailingComma, keepString))
  }
}

function keepString(match: string): string {
  return match.startsWith('"') ? match : ' '
}
