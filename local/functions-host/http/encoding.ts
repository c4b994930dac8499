/**
 * Percent-encoding as the real host's web server has it (Kestrel's `UrlDecoder`, ASP.NET's `PathString` and
 * `QueryStringEnumerable`, the proxy's `RequestUtilities`): what is no escape of UTF-8 stays as it came.
 */

/** A path that has nothing to encode or to decode. */
const plainPath = /^[\w!$&'()*+,\-./:;=@~]*$/

/** The text that `text` stands for, escape by escape. */
export function decodeEscapes(text: string): string {
  return text.includes('%') ? text.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun) : text
}

/** The same for a path, or a part of one: an encoded slash divides nothing, and stays. */
export function decodePath(path: string): string {
  return path.includes('%')
    ? path
        .split(/(%2f)/i)
        .map((part, index) => (index % 2 ? part : decodeEscapes(part)))
        .join('')
    : path
}

/** Escapes that follow each other, of which only some may be UTF-8. */
function decodeRun(run: string): string {
  const whole = decodeUtf8(run)
  if (whole !== undefined) return whole
  let text = ''
  for (let at = 0; at < run.length; ) {
    const lead = Number.parseInt(run.slice(at + 1, at + 3), 16)
    const end = at + 3 * (lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4)
    const character = end <= run.length ? decodeUtf8(run.slice(at, end)) : undefined
    text += character ?? run.slice(at, at + 3)
    at = character === undefined ? at + 3 : end
  }
  return text
}

function decodeUtf8(escapes: string): string | undefined {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return undefined
  }
}

/**
 * A path as a function sees it in `request.url`: decoded and encoded again. What still looks like an escape then is
 * kept, or encoded once more where the request is passed on to the worker (`streamed`).
 */
export function encodedAgain(path: string, streamed: boolean): string {
  if (plainPath.test(path)) return path
  return decodePath(path).replace(/%[0-9a-f]{2}|[^\w!$&'()*+,\-./:;=@~]/giu, (text) =>
    text.length === 3 && text.startsWith('%') && !streamed ? text : encodeURIComponent(text),
  )
}

/** The parameters of a query: names whose case differs are one, and several values are joined by commas. */
export function readQuery(search: string): Record<string, string> {
  const query = new Map<string, { name: string; value: string }>()
  for (const pair of search.slice(1).split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    const decoded = { name: decodeForm(name), value: decodeForm(value) }
    const known = query.get(decoded.name.toLowerCase())
    if (known) known.value += `,${decoded.value}`
    else query.set(decoded.name.toLowerCase(), decoded)
  }
  // The worker cannot hold this one, which is no property of an object in JavaScript.
  query.delete('__proto__')
  return Object.fromEntries([...query.values()].map(({ name, value }) => [name, value]))
}

function decodeForm(text: string): string {
  return decodeEscapes(text.replaceAll('+', ' '))
}
