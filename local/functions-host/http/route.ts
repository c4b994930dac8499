/**
 * Route templates as ASP.NET routing knows them, and the choice between several that match: literals before
 * constrained parameters, those before free ones, those before catch-alls, segment by segment from the left.
 */
import { HostStartError } from '../errors.ts'
import { constraint } from './constraints.ts'
import { decodePath } from './encoding.ts'

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

interface Parameter {
  name: string
  optional: boolean
  catchAll: boolean
  defaultValue: string | undefined
  constraints: ((value: string) => boolean)[]
}

type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; parameter: Parameter }
  /** Literals and parameters within one segment, e.g. `{name}.{extension}`. */
  | { kind: 'mixed'; patterns: RegExp[]; parameters: Parameter[] }

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
  const fault = (reason: string) => new HostStartError(`Route "${route.template}": ${reason}`)
  const parts = splitTemplate(route.template.replace(/^~?\//, '').replace(/\/$/, ''))
  const segments = parts.map((part, index): Segment => {
    const tokens = tokenize(part, fault)
    const only = tokens[0]
    if (tokens.length === 0) throw fault('a segment is empty')
    if (tokens.length === 1 && typeof only === 'string') return { kind: 'literal', text: only.toLowerCase() }
    if (tokens.length === 1 && typeof only === 'object') {
      if (only.catchAll && index < parts.length - 1) throw fault('a catch-all parameter must come last')
      return { kind: 'parameter', parameter: only }
    }
    const parameters = tokens.filter((token) => typeof token === 'object')
    if (parameters.some((parameter) => parameter.catchAll))
      throw fault('a catch-all parameter must stand alone')
    return { kind: 'mixed', patterns: mixedPatterns(tokens, fault), parameters }
  })
  const names = segments.flatMap(parametersOf).map(({ name }) => name.toLowerCase())
  if (new Set(names).size < names.length) throw fault('a parameter occurs twice')
  return { ...route, segments, precedence: segments.map(rank) }
}

/** What a segment of literals and parameters matches; where the last one is optional, first with it, then without. */
function mixedPatterns(tokens: (string | Parameter)[], fault: (reason: string) => Error): RegExp[] {
  const optional = tokens.findIndex((token) => typeof token === 'object' && token.optional)
  if (optional < 0) return [mixedPattern(tokens)]
  const dot = tokens[optional - 1]
  if (optional < tokens.length - 1 || dot !== '.')
    throw fault('beside others in a segment only the last parameter can be optional, and after a dot')
  return [mixedPattern(tokens), mixedPattern(tokens.slice(0, -2), '(?<!\\.)')]
}

function mixedPattern(tokens: (string | Parameter)[], end = ''): RegExp {
  const source = tokens.map((token) => (typeof token === 'string' ? literalPattern(token) : '(.+)'))
  return new RegExp(`^${source.join('')}${end}$`, 'is')
}

/** Splits at slashes outside of braces: a regular expression in a constraint may hold one. */
function splitTemplate(template: string): string[] {
  if (template === '') return []
  const parts = ['']
  let depth = 0
  for (const character of template) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === '/' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

/** The literals and parameters of a segment; `{{` and `}}` stand for braces. */
function tokenize(segment: string, fault: (reason: string) => Error): (string | Parameter)[] {
  const tokens: (string | Parameter)[] = []
  let literal = ''
  for (let index = 0; index < segment.length; index++) {
    const two = segment.slice(index, index + 2)
    if (two === '{{' || two === '}}') {
      literal += two[0]
      index++
    } else if (segment[index] === '{') {
      const end = closingBrace(segment, index)
      if (end < 0) throw fault('a brace is not closed')
      if (literal) tokens.push(literal)
      literal = ''
      tokens.push(parseParameter(segment.slice(index + 1, end), fault))
      index = end
    } else {
      literal += segment[index]
    }
  }
  if (literal) tokens.push(literal)
  return tokens
}

/** Braces within a regular expression are written doubled. */
function closingBrace(text: string, open: number): number {
  for (let index = open + 1; index < text.length; index++) {
    const two = text.slice(index, index + 2)
    if (two === '{{' || (two === '}}' && text.slice(open + 1, index).includes('{{'))) index++
    else if (text[index] === '}') return index
  }
  return -1
}

function parseParameter(text: string, fault: (reason: string) => Error): Parameter {
  const match = /^(\*{0,2})([^:=?*]+)(.*)$/s.exec(text)
  if (!match) throw fault(`"{${text}}" is not a parameter`)
  const [, stars = '', name = '', tail = ''] = match
  let rest = tail
  const constraints: Parameter['constraints'] = []
  while (rest.startsWith(':')) {
    const written = /^:([a-z]+)(?:\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\))?/i.exec(rest)
    if (!written) throw fault(`"${rest}" is not a constraint`)
    constraints.push(constraint(written[1] ?? '', written[2], fault))
    rest = rest.slice(written[0].length)
  }
  let defaultValue: string | undefined
  if (rest.startsWith('=')) {
    defaultValue = rest.slice(1)
    rest = ''
  }
  if (rest !== '' && rest !== '?') throw fault(`"{${text}}" is not a parameter`)
  return { name, optional: rest === '?', catchAll: stars !== '', defaultValue, constraints }
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

function parametersOf(segment: Segment): Parameter[] {
  if (segment.kind === 'literal') return []
  return segment.kind === 'mixed' ? segment.parameters : [segment.parameter]
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

function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
