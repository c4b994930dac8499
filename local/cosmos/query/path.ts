import type { Document, Json, Path } from './source.ts'

/** The path of property names, outermost first: `['address', 'first name']` is `/address/"first name"`. */
export function pathOf(names: readonly string[]): Path {
  return names.map((name) => `/${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}`).join('')
}

/** The property names of a path; quoted or not, with or without the `/?` and `/*` of a policy. */
export function namesOf(path: Path): string[] {
  const segments = path.match(/"(?:[^"\\]|\\.)*"|[^/]+/g) ?? []
  const last = segments.at(-1)
  const plain = last === '?' || last === '*' ? segments.slice(0, -1) : segments
  return plain.map((segment) => (segment.startsWith('"') ? (JSON.parse(segment) as string) : segment))
}

/** The value of a document at a path; undefined where there is none. */
export function valueAt(document: Document, names: readonly string[]): Json | undefined {
  let value: Json | undefined = document as Json
  for (const name of names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    value = Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}
