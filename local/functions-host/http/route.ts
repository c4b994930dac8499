/**
 * The choice between several route templates that match, as ASP.NET routing makes it: literals before constrained
 * parameters, those before free ones, those before catch-alls, segment by segment from the left.
 */
import { decodePath } from './encoding.ts'
import { type Parameter, parseTemplate, type Segment } from './routeTemplate.ts'

/** One candidate of a table: a template and what it leads to. */
export interface Route<T> {
  template: string
  methods: ReadonlySet<string>
  target: T
}

export interface RouteMatch<T> {
  target: T
  params: Record<string, string>
}

interface CompiledRoute<T> extends Route<T> {
  segments: Segment[]
  precedence: number[]
}

/**
 * A matcher over `routes`. Matching ignores the case of literals and a trailing slash.
 * @throws {HostStartError} when a template is malformed or names an unknown constraint.
 */
export function createRouter<T>(
  routes: Route<T>[],
): (method: string, path: string) => RouteMatch<T> | undefined {
  const compiled = routes.map(compile).sort(byPrecedence)
  return (method, path) => {
    const segments = splitPath(path)
    const slash = path.endsWith('/')
    for (const route of compiled) {
      if (!route.methods.has(method)) continue
      const params = match(route.segments, segments, slash)
      if (params) return { target: route.target, params }
    }
    return undefined
  }
}

/**
 * Pairs of templates of which the real host, which tries routes in alphabetical order of the functions' names, would
 * let the first take requests that are the second's by ASP.NET precedence.
 */
export function findShadowed<T extends { name: string }>(routes: Route<T>[]): [Route<T>, Route<T>][] {
  const compiled = routes.map(compile)
  const pairs: [Route<T>, Route<T>][] = []
  for (const winner of compiled) {
    for (const shadowed of compiled) {
      if (winner.target.name >= shadowed.target.name) continue
      if (byPrecedence(winner, shadowed) <= 0) continue
      if (![...winner.methods].some((method) => shadowed.methods.has(method))) continue
      const sample = samplePath(shadowed.segments)
      if (sample && match(winner.segments, sample)) pairs.push([winner, shadowed])
    }
  }
  return pairs
}

function compile<T>(route: Route<T>): CompiledRoute<T> {
  const segments = parseTemplate(route.template)
  return { ...route, segments, precedence: segments.map(rank) }
}

/** How specific a segment is, as ASP.NET ranks them: lower goes first. */
function rank(segment: Segment): number {
  if (segment.kind === 'literal') return 1
  if (segment.kind === 'mixed') return 2
  const { catchAll, constraints } = segment.parameter
  return (catchAll ? 5 : 3) - (constraints.length > 0 ? 1 : 0)
}

function byPrecedence(a: CompiledRoute<unknown>, b: CompiledRoute<unknown>): number {
  for (let index = 0; index < Math.max(a.precedence.length, b.precedence.length); index++) {
    const difference = (a.precedence[index] ?? 0) - (b.precedence[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.template.toLowerCase() < b.template.toLowerCase() ? -1 : 1
}

/** The decoded segments of a path, without an empty one at its end: a trailing slash does not matter. */
function splitPath(path: string): string[] {
  const segments = path.split('/')
  if (segments[0] === '') segments.shift()
  if (segments.at(-1) === '') segments.pop()
  return path.includes('%') ? segments.map(decodePath) : segments
}

/** The parameters of a path; `slash` says whether it ended in one, which only a catch-all takes note of. */
function match(segments: Segment[], path: string[], slash = false): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  const last = segments.at(-1)
  const endless = last?.kind === 'parameter' && last.parameter.catchAll
  if (path.length > segments.length && !endless) return undefined

  for (const [index, segment] of segments.entries()) {
    const value = path[index]
    // No template matches an empty segment, but what a catch-all takes may go on with some.
    if (value === '') return undefined
    if (segment.kind === 'literal') {
      if (value?.toLowerCase() !== segment.text) return undefined
    } else if (segment.kind === 'mixed') {
      const found = value === undefined ? null : firstMatch(segment.patterns, value)
      if (!found) return undefined
      for (const [position, parameter] of segment.parameters.entries()) {
        if (!assign(params, parameter, found[position + 1])) return undefined
      }
    } else {
      const { catchAll } = segment.parameter
      const text = catchAll && value !== undefined ? path.slice(index).join('/') + (slash ? '/' : '') : value
      if (!assign(params, segment.parameter, text)) return undefined
    }
  }
  return params
}

function firstMatch(patterns: RegExp[], text: string): RegExpExecArray | null {
  for (const pattern of patterns) {
    const found = pattern.exec(text)
    if (found) return found
  }
  return null
}

/** Stores a parameter's value, or its default; false when it is missing or breaks a constraint. */
function assign(params: Record<string, string>, parameter: Parameter, value: string | undefined): boolean {
  const actual = value ?? parameter.defaultValue
  if (actual === undefined) return parameter.optional || parameter.catchAll
  if (!parameter.constraints.every((holds) => holds(actual))) return false
  params[parameter.name] = actual
  return true
}

/** A path that the template matches, made of its literals; undefined where a constraint keeps us from guessing one. */
function samplePath(segments: Segment[]): string[] | undefined {
  const guesses = ['1', 'a', '00000000-0000-0000-0000-000000000000', '2000-01-01', 'true']
  const path: string[] = []
  for (const segment of segments) {
    if (segment.kind === 'literal') path.push(segment.text)
    else if (segment.kind === 'mixed') return undefined
    else {
      const { constraints } = segment.parameter
      const guess = guesses.find((value) => constraints.every((holds) => holds(value)))
      if (guess === undefined) return undefined
      path.push(guess)
    }
  }
  return path
}
